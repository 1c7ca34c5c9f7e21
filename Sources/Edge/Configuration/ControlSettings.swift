import AccessSigning
import Configuration
import EventLoop
import HTTPClient
import HTTPWire
import TLS

/// The origin whose control log this edge follows, and how the edge shows it who it is.
struct ControlSettings: Sendable {
    let url: OriginURL
    /// The edge's own name.
    let edgeId: String
    /// PEM certificates to trust; `nil` trusts the system's.
    let certificateAuthorities: String?
    let credentials: SigV4Credentials

    /// What the origin's side of the call is called in signatures.
    static let service = "weir"
}

/// The origin ready to be asked for its control log.
struct ControlOrigin: Sendable {
    /// How long the origin holds a question open.
    static let waitSeconds = 25
    private static let graceSeconds = 10

    private let endpoint: Endpoint
    private let path: String
    private let credentials: SigV4Credentials

    init(_ settings: ControlSettings) throws {
        let trust = settings.certificateAuthorities.map { TLSClientContext.Trust.pem(Array($0.utf8)) } ?? .system
        let tls = settings.url.usesTLS ? try TLSClientContext(trust: trust) : nil
        endpoint = Endpoint(host: settings.url.host, port: settings.url.port, tls: tls)
        path = "/edges/\(settings.edgeId)/log"
        credentials = settings.credentials
    }

    /// Asks for what is behind a position, or, without one, where the log ends.
    ///
    /// With `waits` the origin holds the question open until there is something; with `lacksKeys` it adds its keys.
    func question(from position: LogPosition?, waits: Bool, lacksKeys: Bool, epochSeconds: Int64) -> ClientRequest {
        let wait = waits ? Self.waitSeconds : 0
        let place = position.map { "log=\($0.logId)&after=\($0.sequence)&wait=\(wait)" } ?? "wait=0"
        let query = place + (lacksKeys ? "&keys" : "")
        return request(query: query, timeout: .seconds(wait + Self.graceSeconds), epochSeconds: epochSeconds)
    }

    /// Says that this edge ends.
    func goodbye(at position: LogPosition, epochSeconds: Int64) -> ClientRequest {
        request(
            query: "log=\(position.logId)&after=\(position.sequence)&leave", timeout: .seconds(1),
            epochSeconds: epochSeconds)
    }

    private func request(query: String, timeout: Duration, epochSeconds: Int64) -> ClientRequest {
        let host = endpoint.authority
        var headers: Headers = ["Host": host]
        let signed = SigV4Request(method: "GET", path: path, query: query, headers: [(name: "host", value: host)])
        for field in SigV4.sign(
            signed, credentials: credentials, payloadHash: SigV4.emptyPayloadHash, epochSeconds: epochSeconds)
        {
            headers.add(field.name, field.value)
        }
        var request = ClientRequest(endpoint: endpoint, method: .get, target: "\(path)?\(query)", headers: headers)
        request.connectTimeout = .seconds(2)
        request.responseTimeout = timeout
        return request
    }
}
