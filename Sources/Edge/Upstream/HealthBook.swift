import Synchronization

/// The health of every origin server by its origin and address, so that a reload forgets nothing. Touched when a
/// configuration takes force, never for a request.
final class HealthBook: Sendable {
    private struct Key: Hashable {
        let origin: String
        let server: String
    }

    private let entries = Mutex<[Key: ServerHealth]>([:])

    /// What is known of a server, judged by `policy` from now on.
    func health(of server: String, origin: String, policy: HealthMachine.Policy) -> ServerHealth {
        let key = Key(origin: origin, server: server)
        let known = entries.withLock { entries in
            if let known = entries[key] { return known }
            let new = ServerHealth(origin: origin, server: server, policy: policy)
            entries[key] = new
            return new
        }
        known.adopt(policy)
        return known
    }
}
