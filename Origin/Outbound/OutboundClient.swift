public import EventLoop
public import HTTPClient
public import HTTPWire
internal import TLS

/// Asks servers that a stranger has named, within an `OutboundRule`.
///
/// HTTP/1.1 with certificates verified; nothing of the environment (proxies), no cookies. Where an address comes from does not
/// matter: each is looked at when a connection to it is about to be made.
public final class OutboundClient: Sendable {
    /// Where it may ask.
    public let rule: OutboundRule
    private let client: HTTPClient
    private let tls: TLSClientContext
    /// Redirects that are followed in a row.
    static let mostRedirects = 5

    /// A client on `loop` that trusts the system's authorities; throws `TLSError` when these cannot be read.
    public init(_ rule: OutboundRule, loop: EventLoop, resolver: Resolver) throws {
        self.rule = rule
        var configuration = HTTPClientConfiguration()
        configuration.mayConnect = { rule.allows($0) }
        configuration.maxConnectionsPerEndpoint = 8
        // Endpoints are strangers', and few are asked twice in a row.
        configuration.maxIdlePerEndpoint = 1
        client = HTTPClient(loop: loop, configuration: configuration, resolver: resolver)
        tls = try TLSClientContext()
    }

    /// The answer of the server, whatever its status; a redirect is one.
    public func send(
        _ method: HTTPMethod, _ url: HTTPURL, headers: Headers = Headers(), body: [UInt8] = [],
        responseTimeout: Duration = .seconds(30), idleTimeout: Duration = .seconds(30)
    ) async throws(OutboundFailure) -> ClientResponse {
        var request = ClientRequest(
            endpoint: Endpoint(host: url.host, port: url.port, tls: url.usesTLS ? tls : nil), method: method,
            target: url.target, headers: headers, body: body.isEmpty ? .none : .bytes(body))
        request.headers.set("User-Agent", "weir")
        request.responseTimeout = responseTimeout
        request.idleTimeout = idleTimeout
        do {
            return try await client.send(request)
        } catch {
            throw OutboundFailure(error)
        }
    }

    /// The answer behind at most five redirects, and where it came from; each address is looked at like the first. What began
    /// encrypted stays so.
    public func follow(
        _ url: HTTPURL, headers: Headers, responseTimeout: Duration, idleTimeout: Duration
    ) async throws(OutboundFailure) -> (response: ClientResponse, url: HTTPURL) {
        var url = url
        for _ in 0...Self.mostRedirects {
            let response = try await send(
                .get, url, headers: headers, responseTimeout: responseTimeout, idleTimeout: idleTimeout)
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first("location")
            else { return (response, url) }
            url = try next(location, after: url)
        }
        throw OutboundFailure(.noAnswer, "more than \(Self.mostRedirects) redirects")
    }

    private func next(_ location: String, after url: HTTPURL) throws(OutboundFailure) -> HTTPURL {
        let next: HTTPURL
        do {
            next = try rule.url(url.resolving(location))
        } catch {
            throw OutboundFailure(.refused, "the address of a redirect \(error)")
        }
        guard next.usesTLS || !url.usesTLS else {
            throw OutboundFailure(.refused, "the address of a redirect is no https:// one, as the one before it")
        }
        return next
    }
}

extension OutboundFailure {
    /// What the client says, as a caller may act on it.
    public init(_ error: ClientError) {
        // A server's words may be among it.
        let line = String(error.message.unicodeScalars.filter { $0.properties.generalCategory != .control })
        self.init(error.kind == .addressRefused ? .refused : .noAnswer, line)
    }
}
