internal import COpenSSL
internal import Glibc

/// What one read or write did.
///
/// Waiting and closing are results, not errors.
public enum TLSResult: Sendable, Equatable {
    /// So many bytes of plain text were moved.
    case bytes(Int)
    /// Call again when the descriptor is readable.
    ///
    /// A *write* may need this too.
    case wantRead
    /// Call again when the descriptor is writable.
    ///
    /// A *read* may need this too.
    case wantWrite
    /// The peer has closed; `TLSSession.wasClosedCleanly` tells whether it said so.
    case closed
    /// The session is of no further use.
    case failed(TLSError)
}

/// How far the handshake is.
public enum TLSHandshake: Sendable, Equatable {
    /// Application bytes may flow.
    case complete
    /// Call again when the descriptor is readable.
    case wantRead
    /// Call again when the descriptor is writable.
    case wantWrite
    /// The peer went away.
    case closed
    /// The peers do not agree, or the certificate was refused.
    case failed(TLSError)
}

/// One side of one TLS connection, bound to a non-blocking descriptor.
///
/// Used by one loop only.
///
/// Bytes can wait inside the session while the descriptor is quiet: read until `.wantRead`, or ask `hasBufferedBytes` before
/// waiting for the descriptor. A write that was not finished may be repeated from another address, but with the same bytes.
public final class TLSSession {
    private let session: OpaquePointer
    /// Keeps what OpenSSL's callbacks point at.
    private let context: AnyObject
    private var hasFailed = false

    /// Whether the peer ended its stream with a closing alert.
    ///
    /// If not, bytes may be missing at the end.
    public private(set) var wasClosedCleanly = false

    init(taking session: OpaquePointer, descriptor: Int32, context: AnyObject) throws(TLSError) {
        self.session = session
        self.context = context
        guard SSL_set_fd(session, descriptor) == 1 else { throw .drained("bind a TLS session to its socket") }
    }

    deinit {
        SSL_free(session)
    }

    // MARK: Handshake

    /// Goes on with the handshake as far as the socket allows.
    public func handshake() -> TLSHandshake {
        ERR_clear_error()
        let code = SSL_do_handshake(session)
        if code == 1 { return .complete }
        switch outcome(of: code, during: "complete the TLS handshake") {
        case .wantRead: return .wantRead
        case .wantWrite: return .wantWrite
        case .failed(let error): return .failed(explained(error))
        case .closed, .bytes: return .closed
        }
    }

    func expect(host: String, verifying: Bool) throws(TLSError) {
        guard !host.isEmpty, !host.utf8.contains(0) else {
            throw TLSError("connect", reasons: ["the server's name is empty or contains NUL"])
        }
        var address = in6_addr()
        let isNumeric = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
        if !isNumeric, weir_ssl_set_server_name(session, host) == 0 { throw .drained("ask for \(host)") }
        guard verifying else { return }
        guard let parameters = SSL_get0_param(session) else { throw .drained("verify \(host)") }
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let isSet =
            isNumeric
            ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) : X509_VERIFY_PARAM_set1_host(parameters, host, 0)
        guard isSet == 1 else { throw .drained("verify \(host)") }
    }

    private func explained(_ error: TLSError) -> TLSError {
        let code = SSL_get_verify_result(session)
        guard code != Int(X509_V_OK), let text = X509_verify_cert_error_string(code) else { return error }
        return TLSError(error.operation, reasons: error.reasons + [String(cString: text)])
    }

    // MARK: Bytes

    /// Reads at most `buffer.count` bytes of plain text; `buffer` must not be empty.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSResult {
        if hasFailed { return .closed }
        ERR_clear_error()
        var count = 0
        let code = SSL_read_ex(session, buffer.baseAddress, buffer.count, &count)
        return code == 1 ? .bytes(count) : outcome(of: code, during: "read from a TLS session")
    }

    /// Writes a prefix of `bytes`, at most one record (16 KiB) of it.
    public func write(_ bytes: UnsafeRawBufferPointer) -> TLSResult {
        if hasFailed { return .closed }
        if bytes.isEmpty { return .bytes(0) }
        ERR_clear_error()
        var count = 0
        let code = SSL_write_ex(session, bytes.baseAddress, bytes.count, &count)
        return code == 1 ? .bytes(count) : outcome(of: code, during: "write to a TLS session")
    }

    /// Sends the closing alert.
    ///
    /// `.bytes(0)` once it is on its way; the peer's own alert is not waited for.
    public func shutdown() -> TLSResult {
        if hasFailed || SSL_is_init_finished(session) == 0 { return .closed }
        ERR_clear_error()
        let code = SSL_shutdown(session)
        return code >= 0 ? .bytes(0) : outcome(of: code, during: "close a TLS session")
    }

    /// Whether a read may find bytes though the descriptor is quiet.
    public var hasBufferedBytes: Bool { SSL_has_pending(session) == 1 }

    private func outcome(of code: Int32, during operation: String) -> TLSResult {
        let systemError = errno
        switch SSL_get_error(session, code) {
        case SSL_ERROR_WANT_READ: return .wantRead
        case SSL_ERROR_WANT_WRITE: return .wantWrite
        case SSL_ERROR_ZERO_RETURN:
            wasClosedCleanly = true
            return .closed
        case SSL_ERROR_SYSCALL:
            hasFailed = true
            if ERR_peek_error() != 0 { return .failed(.drained(operation)) }
            switch systemError {
            case 0, EPIPE, ECONNRESET: return .closed
            default: return .failed(TLSError(operation, reasons: [String(cString: strerror(systemError))]))
            }
        default:
            hasFailed = true
            if weir_ssl_error_is_unexpected_end(ERR_peek_error()) != 0 {
                ERR_clear_error()
                return .closed
            }
            return .failed(.drained(operation))
        }
    }

    // MARK: Facts

    /// The version agreed on, such as `TLSv1.3`.
    public var version: String { String(cString: SSL_get_version(session)) }

    /// The cipher suite agreed on, such as `TLS_AES_256_GCM_SHA384`.
    public var cipher: String {
        SSL_get_current_cipher(session).flatMap { SSL_CIPHER_get_name($0) }.map { String(cString: $0) } ?? ""
    }

    /// The protocol agreed on by ALPN, such as `http/1.1`; nil if the client offered none.
    public var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &count)
        return name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self) }
    }

    /// On the server's side, the host name the client asked for (SNI).
    public var serverName: String? {
        SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }

    /// Whether the handshake continued an earlier session.
    public var isResumed: Bool { SSL_session_reused(session) == 1 }
}
