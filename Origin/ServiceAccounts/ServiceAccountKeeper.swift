internal import Telemetry

/// Learns what other origins have done to service accounts, and writes down when keys were used.
///
/// Both at most every half minute: a use costs no write, and a key that another origin has deleted is refused here after
/// that long.
public struct ServiceAccountKeeper: Sendable {
    private let accounts: ServiceAccounts
    private static let rest = Duration.seconds(30)

    /// The keeper of these accounts; one in a process.
    public init(_ accounts: ServiceAccounts) {
        self.accounts = accounts
    }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.rest)
            do {
                try await keepUp()
            } catch {
                accounts.logger.error("service accounts not kept up, trying again", ["error": .error(error)])
            }
        }
    }

    /// Does what is due.
    func keepUp() async throws {
        try await accounts.noteUses()
        try await accounts.feedRing()
    }
}
