internal import COpenSSL

/// A server's ticket with the secrets of its session, by which a client skips most of the next handshake.
///
/// It carries who the server proved to be: use it only for the same host and the same `TLSClientContext`.
public final class TLSResumption: Sendable {
    // Unsafe only in name: OpenSSL counts references and no longer changes a session that is resumable.
    nonisolated(unsafe) let session: OpaquePointer

    init?(of connection: OpaquePointer) {
        guard let session = SSL_get1_session(connection) else { return nil }
        guard SSL_SESSION_is_resumable(session) == 1 else {
            SSL_SESSION_free(session)
            return nil
        }
        self.session = session
    }

    deinit {
        SSL_SESSION_free(session)
    }
}
