import AccessSigning
import Bytes
import EventLoop
import HTTPClient
import HTTPWire
import TLS

/// An origin ready to be asked: where it stands, and how a request to it is made and signed.
final class OriginTarget: Sendable {
    let id: String
    let endpoint: Endpoint
    /// The Host field of requests to it.
    let authority: String
    /// Prefix of every path, without a trailing slash.
    let path: String
    let connectTimeout: Duration
    let readTimeout: Duration
    private let connectAttempts: Int
    private let credentials: SigV4Credentials?

    init(_ settings: OriginSettings) throws {
        let declaration = settings.declaration
        id = declaration.id
        let trust = settings.certificateAuthorities.map { TLSClientContext.Trust.pem(Array($0.utf8)) } ?? .system
        endpoint = Endpoint(
            host: settings.host, port: settings.port, tls: settings.usesTLS ? try TLSClientContext(trust: trust) : nil)
        authority = endpoint.authority
        path = settings.path
        connectAttempts = declaration.connectAttempts
        connectTimeout = .seconds(declaration.connectTimeoutSeconds)
        readTimeout = .seconds(declaration.readTimeoutSeconds)
        credentials = settings.credentials.map {
            SigV4Credentials(
                accessKeyId: $0.accessKeyId, secretAccessKey: $0.secretAccessKey, region: $0.region,
                service: $0.service)
        }
    }

    /// Whether requests to this origin carry the edge's own signature.
    var signsRequests: Bool { credentials != nil }

    /// Whether a request of which the origin has seen nothing is worth another connection.
    func mayRetry(after error: ClientError, attempts: Int) -> Bool {
        error.retry == .yes && error.kind != .overloaded && attempts < connectAttempts
    }

    /// A request to this origin, with its host, timeouts and, where it wants one, the signature.
    ///
    /// The signature covers the host, the date and the target, so any other field may be added freely; a body is not
    /// covered.
    func request(_ wanted: UpstreamRequest, epochSeconds: Int64) -> ClientRequest {
        let target = path + String(decoding: wanted.target, as: UTF8.self)
        var headers = signsRequests ? Self.withoutCredentials(wanted.headers) : wanted.headers
        headers.set("Host", authority)
        sign(wanted.method.name, target, &headers, hasBody: wanted.hasBody, epochSeconds)
        var request = ClientRequest(
            endpoint: endpoint, method: wanted.method, target: target, headers: headers, body: wanted.body)
        request.connectTimeout = connectTimeout
        request.responseTimeout = readTimeout
        request.idleTimeout = readTimeout
        request.acceptsTrailers = wanted.acceptsTrailers
        return request
    }

    /// A client's credentials are not a signed origin's business, and a field that takes part in its signature must be
    /// ours.
    private static func withoutCredentials(_ headers: Headers) -> Headers {
        var kept = Headers()
        for field in headers {
            let name = ASCII.lowercased(field.name)
            if name.hasPrefix("x-amz-") || withheld.contains(name) { continue }
            kept.add(field.name, field.value)
        }
        return kept
    }

    private static let withheld: Set<String> = ["cookie", "authorization", "origin", "referer"]

    private func sign(
        _ method: String, _ target: String, _ headers: inout Headers, hasBody: Bool, _ epochSeconds: Int64
    ) {
        guard let credentials else { return }
        let mark = target.firstIndex(of: "?")
        let request = SigV4Request(
            method: method, path: String(target[..<(mark ?? target.endIndex)]),
            query: mark.map { String(target[target.index(after: $0)...]) }, headers: [(name: "host", value: authority)])
        let added = SigV4.sign(
            request, credentials: credentials,
            payloadHash: hasBody ? SigV4.unsignedPayload : SigV4.emptyPayloadHash, epochSeconds: epochSeconds)
        for header in added { headers.set(header.name, header.value) }
    }
}
