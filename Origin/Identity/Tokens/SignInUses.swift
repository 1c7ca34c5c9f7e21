internal import Audit
internal import Catalog
internal import Synchronization
internal import Telemetry

/// When and from where each sign-in was last used.
///
/// Renewing tokens writes nothing: what is worth noting waits in memory and is written a few seconds later, all in one
/// transaction, so that there is at most one in that time however many renew. What is not yet written when the origin ends is lost.
final class SignInUses: Sendable {
    /// A later use from the same address is worth noting after so long.
    static let worthMilliseconds: Int64 = 300_000
    private static let pause = Duration.seconds(5)
    /// As many as wait at most; further ones are not noted.
    private static let limit = 10_000

    private let store: any IdentityStore
    private let logger: Logger
    private let waiting = Mutex<[String: IdentityTokenFamily.Use]>([:])

    init(store: any IdentityStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Notes that tokens of a sign-in are made at `now`, in epoch milliseconds, for the request of this task.
    func note(_ family: IdentityTokenFamily, at now: Int64) {
        let use = IdentityTokenFamily.Use(at: now, address: AuditContext.clientAddress)
        if let last = family.lastUse, last.address == use.address, now - last.at < Self.worthMilliseconds { return }
        let isFirst = waiting.withLock { waiting in
            guard waiting.count < Self.limit else { return false }
            waiting[family.id] = use
            return waiting.count == 1
        }
        guard isFirst else { return }
        Task { [weak self] in
            try? await Task.sleep(for: Self.pause)
            await self?.write()
        }
    }

    /// Writes what waits.
    func write() async {
        let uses = waiting.withLock { waiting in
            let taken = waiting
            waiting = [:]
            return taken
        }
        guard !uses.isEmpty else { return }
        do {
            try await store.write { transaction in
                for (id, use) in uses { try transaction.note(use, ofTokenFamily: id) }
            }
        } catch {
            logger.warning("the last use of sign-ins was not noted", ["error": .error(error)])
        }
    }
}
