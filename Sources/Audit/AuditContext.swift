internal import Synchronization

/// For whom the present task works, so that entries name it without every function on the way carrying it.
///
/// Set once around a request; whatever authenticates the request notes who it turned out to come from. Work outside of
/// any request is the system's.
public final class AuditContext: Sendable {
    /// What entries say of where an act came from.
    struct Provenance: Sendable, Equatable {
        var actor: AuditParty
        var client: String?
        var forwardedFor: String?
        var requestId: String?
    }

    @TaskLocal private static var current: AuditContext?

    private let provenance: Mutex<Provenance>

    private init(_ provenance: Provenance) {
        self.provenance = Mutex(provenance)
    }

    /// Runs `body` for a request; nobody has proven who they are yet.
    ///
    /// - Parameters:
    ///   - client: the address of the connection's other end.
    ///   - forwardedFor: whom that end asks for, where it is trusted to say.
    ///   - requestId: finds the request in other logs.
    public static func serving<Result>(
        client: String?, forwardedFor: String? = nil, requestId: String?, _ body: () async throws -> Result
    ) async rethrows -> Result {
        let context = AuditContext(
            Provenance(actor: .anonymous, client: client, forwardedFor: forwardedFor, requestId: requestId))
        return try await $current.withValue(context) { try await body() }
    }

    /// Notes who the request of this task has proven to come from; outside of one it does nothing.
    public static func identify(_ actor: AuditParty) {
        current?.provenance.withLock { $0.actor = actor }
    }

    /// The address that the request of this task came from, beyond the proxies that are trusted; nil outside of one.
    public static var clientAddress: String? {
        current?.provenance.withLock { $0.forwardedFor ?? $0.client }
    }

    static var provenance: Provenance {
        current?.provenance.withLock { $0 } ?? Provenance(actor: .system)
    }
}
