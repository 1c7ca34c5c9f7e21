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
    /// What paths begin with behind which the id of a video stands; empty tells the origin nothing of what is served.
    let mediaPath: String

    /// What the origin's side of the call is called in signatures.
    static let service = "weir"
}

/// The origin ready to be asked for its control log.
struct ControlOrigin: Sendable {
    /// How long the origin holds a question open.
    static let waitSeconds = 25
    private static let graceSeconds = 10
    /// For an answer to a report, also to the last one of an edge that ends.
    private static let reportSeconds = 5

    private let endpoint: Endpoint
    private let path: String
    private let credentials: SigV4Credentials

    init(_ settings: ControlSettings) throws {
        let trust = settings.certificateAuthorities.map { TLSClientContext.Trust.pem(Array($0.utf8)) } ?? .system
        let tls = settings.url.usesTLS ? try TLSClientContext(trust: trust) : nil
        endpoint = Endpoint(host: settings.url.host, port: settings.url.port, tls: tls)
        path = "/edges/\(settings.edgeId)"
        credentials = settings.credentials
    }

    /// Asks for what is behind a position, or, without one, where the log ends.
    ///
    /// With `waits` the origin holds the question open until there is something; with `lacksKeys` it adds its keys.
    func question(from position: LogPosition?, waits: Bool, lacksKeys: Bool, epochSeconds: Int64) -> ClientRequest {
        let wait = waits ? Self.waitSeconds : 0
        let place = position.map { "log=\($0.logId)&after=\($0.sequence)&wait=\(wait)" } ?? "wait=0"
        let query = place + (lacksKeys ? "&keys" : "")
        return request(
            .get, "/log", query: query, timeout: .seconds(wait + Self.graceSeconds), epochSeconds: epochSeconds)
    }

    /// Says that this edge ends.
    func goodbye(at position: LogPosition, epochSeconds: Int64) -> ClientRequest {
        request(
            .get, "/log", query: "log=\(position.logId)&after=\(position.sequence)&leave", timeout: .seconds(1),
            epochSeconds: epochSeconds)
    }

    /// Tells what was served of videos.
    func report(_ body: [UInt8], epochSeconds: Int64) -> ClientRequest {
        var request = request(
            .post, "/playback", body: body, timeout: .seconds(Self.reportSeconds), epochSeconds: epochSeconds)
        request.headers.add("Content-Type", "application/json")
        return request
    }

    private func request(
        _ method: HTTPMethod, _ call: String, query: String? = nil, body: [UInt8] = [], timeout: Duration,
        epochSeconds: Int64
    ) -> ClientRequest {
        let host = endpoint.authority
        var headers: Headers = ["Host": host]
        let signed = SigV4Request(
            method: method.name, path: path + call, query: query, headers: [(name: "host", value: host)])
        for field in SigV4.sign(
            signed, credentials: credentials, payloadHash: SigV4.payloadHash(body), epochSeconds: epochSeconds)
        {
            headers.add(field.name, field.value)
        }
        var request = ClientRequest(
            endpoint: endpoint, method: method, target: path + call + (query.map { "?" + $0 } ?? ""), headers: headers,
            body: body.isEmpty ? .none : .bytes(body))
        request.connectTimeout = .seconds(2)
        request.responseTimeout = timeout
        return request
    }
}
