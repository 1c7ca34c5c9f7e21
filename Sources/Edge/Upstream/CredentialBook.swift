import AccessSigning
import Synchronization

/// What requests to each signed origin are signed with, by the origin's id and authority, so that a response that began under
/// an older configuration goes on with the credentials in force: its next slice may be fetched when the old key is gone.
final class CredentialBook: Sendable {
    private struct Key: Hashable {
        let origin: String
        let authority: String
    }

    private let entries = Mutex<[Key: OriginCredentials]>([:])

    /// The credentials of an origin; `configured` when it is new.
    func credentials(of origin: String, at authority: String, configured: SigV4Credentials) -> OriginCredentials {
        entries.withLock { entries in
            let key = Key(origin: origin, authority: authority)
            if let known = entries[key] { return known }
            let new = OriginCredentials(configured)
            entries[key] = new
            return new
        }
    }
}

/// The credentials in force for one origin. Locked for each request to it, which a hit is not.
final class OriginCredentials: Sendable {
    private let current: Mutex<SigV4Credentials>

    init(_ credentials: SigV4Credentials) {
        current = Mutex(credentials)
    }

    var inForce: SigV4Credentials { current.withLock { $0 } }

    func replace(with credentials: SigV4Credentials) {
        current.withLock { $0 = credentials }
    }
}
