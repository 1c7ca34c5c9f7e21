internal import Bytes
internal import Curl
internal import EventLoop
internal import HTTPWire

/// Asks servers of others over HTTPS, one connection each; in clear only on this machine's loopback.
///
/// Two requests at a time; thirty-two wait, and more are refused at once. No redirect is followed, no proxy of the environment
/// used, no cookie kept.
public final class WebFetch: WebFetching {
    /// The largest body that is read, in bytes.
    public static let maximumBodyBytes = 262_144

    private let authorities: String?
    private let timeout: Duration
    private let pool: BlockingPool

    /// - Parameters:
    ///   - authorities: a PEM file of certificates to trust instead of the system's.
    ///   - timeout: how long an answer may take, from the connection to the last byte.
    /// - Throws: `SystemError` without a thread left.
    public init(authorities: String? = nil, timeout: Duration = .seconds(10)) throws {
        self.authorities = authorities
        self.timeout = timeout
        pool = try BlockingPool(name: "web-fetch", threads: 2, queueLimit: 32)
    }

    /// The answer, whatever its status.
    ///
    /// Throws `WebFetchFailed` without one, for one that is too large, and for an address that would be asked in clear over a
    /// network; `BlockingPool.Overloaded` when too many wait.
    public func fetch(_ request: WebRequest) async throws -> WebAnswer {
        try await pool.run { [authorities, timeout] in
            try Self.exchange(request, authorities: authorities, timeout: timeout)
        }
    }

    private static func exchange(
        _ request: WebRequest, authorities: String?, timeout: Duration
    ) throws(WebFetchFailed) -> WebAnswer {
        let address = request.address
        guard address.isProtected else {
            throw WebFetchFailed(server: address.hostAndPort, reason: "it would be asked in clear")
        }
        var body: [UInt8] = []
        var isTooLarge = false
        do {
            let transfer = try CurlTransfer(
                to: address.text, protocols: address.usesTLS ? "https" : "http", timeout: timeout,
                authorities: authorities)
            transfer.set(.httpVersion, CurlOption.http11)
            // Without the last two libcurl would ask before it posts, and say that it is libcurl.
            let fields =
                request.headers.map { "\($0.name): \($0.value)" } + [
                    "Accept: application/json", "Expect:", "User-Agent: weir",
                ]
            precondition(fields.allSatisfy { ASCII.isOneLine($0) }, "a header field of one line")
            try transfer.set(.headers, fields)
            if let form = request.form { transfer.post(Array(form.encoded.utf8)) }
            transfer.onDownload { piece in
                isTooLarge = body.count + piece.count > maximumBodyBytes
                if !isTooLarge { body += piece }
                return !isTooLarge
            }
            try transfer.perform()
            return WebAnswer(status: transfer.status, body: body)
        } catch {
            throw WebFetchFailed(
                server: address.hostAndPort,
                reason: isTooLarge ? "the answer has more than \(maximumBodyBytes) bytes" : error.reason)
        }
    }
}

extension ASCII {
    fileprivate static func isOneLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}
