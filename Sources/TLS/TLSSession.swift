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
/// Used by one loop only. It never waits for the descriptor.
public final class TLSSession {
    /// Most plain text of one record (RFC 8446 §5.1).
    private static let recordSize = 16_384

    let session: OpaquePointer
    private let socket: RecordSocket
    private let output: TLSOutput
    /// Keeps what OpenSSL's callbacks point at.
    private let context: AnyObject
    private var hasFailed = false
    /// How a read ended that had bytes to report first.
    private var postponed: TLSResult?
    /// Whether the last read found nothing more.
    private var isDry = true

    /// Whether the peer ended its stream with a closing alert.
    ///
    /// If not, bytes may be missing at the end.
    public private(set) var wasClosedCleanly = false

    init(
        taking session: OpaquePointer, descriptor: Int32, output: TLSOutput, context: AnyObject
    ) throws(TLSError) {
        self.session = session
        self.context = context
        self.output = output
        socket = RecordSocket(descriptor: descriptor, output: output)
        let bio = try socket.makeBIO()
        SSL_set_bio(session, bio, bio)
    }

    deinit {
        socket.leaveOutput()
        // Else OpenSSL takes a session that was not shut down for a broken one and forbids its resumption.
        if !hasFailed { SSL_set_shutdown(session, SSL_SENT_SHUTDOWN) }
        SSL_free(session)
    }

    // MARK: Handshake

    /// Goes on with the handshake as far as the socket allows.
    public func handshake() -> TLSHandshake {
        forgetErrors()
        let code = SSL_do_handshake(session)
        let result = code == 1 ? .bytes(0) : outcome(of: code, during: "complete the TLS handshake")
        let isSent = socket.flush()
        switch result {
        case .bytes: return .complete
        case .wantRead: return isSent ? .wantRead : .wantWrite
        case .wantWrite: return .wantWrite
        case .failed(let error): return .failed(explained(error))
        case .closed: return .closed
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

    // MARK: Reading

    /// Reads at most `buffer.count` bytes of plain text, of several records if they are here already; `buffer` must not be
    /// empty.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSResult {
        if hasFailed { return .closed }
        if let result = postponed {
            postponed = nil
            return result
        }
        var total = 0
        repeat {
            var count = 0
            forgetErrors()
            let code = SSL_read_ex(session, buffer.baseAddress.map { $0 + total }, buffer.count - total, &count)
            if code != 1 {
                isDry = true
                let result = outcome(of: code, during: "read from a TLS session")
                answerPeer()
                guard total > 0 else { return result }
                if result != .wantRead { postponed = result }
                return .bytes(total)
            }
            total += count
        } while total < buffer.count && SSL_has_pending(session) == 1
        isDry = false
        answerPeer()
        return .bytes(total)
    }

    /// Whether a read may find bytes though the descriptor is quiet. Half a record does not count once a read has tried it.
    public var hasBufferedBytes: Bool { postponed != nil || (!isDry && SSL_has_pending(session) == 1) }

    /// Sends what reading has made OpenSSL write: alerts and key updates.
    private func answerPeer() {
        if output.holds(for: socket) { socket.flush() }
    }

    // MARK: Writing

    /// Encrypts a prefix of `first` and then `second`, and sends the records; returns how many bytes the prefix has, which
    /// are accepted for good. The end of `first` shares a record with the start of `second`.
    ///
    /// Records go out 64 KiB at a time. When the socket takes fewer, the rest waits inside (`hasPendingOutput`) and the next
    /// call sends it first; `.wantWrite` if that was in vain, and nothing was accepted. Writing nothing sends what waits.
    ///
    /// With `more` the last records stay in the loop's `TLSOutput`, for a further write of this turn to go with them.
    public func write(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        more: Bool = false
    ) -> TLSResult {
        if hasFailed { return .closed }
        if socket.isBlocked, !socket.flush() { return .wantWrite }
        var accepted = 0
        let total = first.count + second.count
        while accepted < total {
            let piece = nextPiece(of: first, second, after: accepted)
            var count = 0
            forgetErrors()
            let code = SSL_write_ex(session, piece.baseAddress, piece.count, &count)
            if code != 1 {
                let result = outcome(of: code, during: "write to a TLS session")
                return accepted > 0 && !hasFailed ? .bytes(accepted) : result
            }
            accepted += count
            if output.count < TLSOutput.turn { continue }
            if !socket.flush() { break }
            if let failure = writeFailure() { return failure }
        }
        if !more { socket.flush() }
        return writeFailure() ?? .bytes(accepted)
    }

    /// Whether accepted bytes wait for the socket: call `write`, with nothing if need be, when it is writable.
    public var hasPendingOutput: Bool { socket.hasPendingOutput }

    /// What to encrypt next: straight from either piece, but for the one record both share.
    private func nextPiece(
        of first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, after position: Int
    ) -> UnsafeRawBufferPointer {
        if position >= first.count {
            let rest = second[(position - first.count)...]
            return UnsafeRawBufferPointer(rebasing: rest.prefix(TLSOutput.turn))
        }
        let rest = first[position...]
        if second.isEmpty || rest.count >= Self.recordSize {
            let isWhole = second.isEmpty && rest.count <= TLSOutput.turn
            let count = isWhole ? rest.count : min(TLSOutput.turn, rest.count - rest.count % Self.recordSize)
            return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        }
        return output.join(
            UnsafeRawBufferPointer(rebasing: rest),
            UnsafeRawBufferPointer(rebasing: second.prefix(Self.recordSize - rest.count)))
    }

    /// Whether accepted bytes wait because the socket takes none; unlike bytes kept back by `more`, only writability helps.
    public var isWriteBlocked: Bool { socket.isBlocked }

    private func writeFailure() -> TLSResult? {
        guard socket.writeFailure != 0 else { return nil }
        hasFailed = true
        return Self.result(ofSystemError: socket.writeFailure, during: "write to a TLS session")
    }

    /// Sends the closing alert.
    ///
    /// `.bytes(0)` once it is on its way; the peer's own alert is not waited for.
    public func shutdown() -> TLSResult {
        if hasFailed || SSL_is_init_finished(session) == 0 { return .closed }
        forgetErrors()
        let code = SSL_shutdown(session)
        let result = code >= 0 ? .bytes(0) : outcome(of: code, during: "close a TLS session")
        socket.flush()
        return writeFailure() ?? result
    }

    /// Gives back the memory for records, some 34 KiB, until the next read or write: for a connection that has become idle.
    public func releaseIdleBuffers() {
        SSL_free_buffers(session)
    }

    // MARK: Outcomes

    /// `SSL_get_error` looks at this thread's queue of errors, which others may have left something in.
    private func forgetErrors() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

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
            return Self.result(ofSystemError: systemError, during: operation)
        default:
            hasFailed = true
            if weir_ssl_error_is_unexpected_end(ERR_peek_error()) != 0 {
                ERR_clear_error()
                return .closed
            }
            return .failed(.drained(operation))
        }
    }

    private static func result(ofSystemError code: Int32, during operation: String) -> TLSResult {
        switch code {
        case 0, EPIPE, ECONNRESET: .closed
        default: .failed(TLSError(operation, reasons: [String(cString: strerror(code))]))
        }
    }

    // MARK: Facts

    /// The version agreed on, such as `TLSv1.3`.
    public var version: String { String(cString: SSL_get_version(session)) }

    /// The version agreed on, such as `TLSv1.3`; OpenSSL's own text, which stays where it is.
    public var versionName: UnsafeRawBufferPointer {
        let name = SSL_get_version(session)
        return UnsafeRawBufferPointer(start: name, count: name.map { strlen($0) } ?? 0)
    }

    /// The name of the cipher suite agreed on; OpenSSL's own text, which stays where it is.
    public var cipherName: UnsafeRawBufferPointer {
        let name = SSL_get_current_cipher(session).flatMap { SSL_CIPHER_get_name($0) }
        return UnsafeRawBufferPointer(start: name, count: name.map { strlen($0) } ?? 0)
    }

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

    /// What a client can resume this session by; nil before the server's ticket has come, which under TLS 1.3 is after the
    /// first read.
    public var resumption: TLSResumption? { TLSResumption(of: session) }
}
