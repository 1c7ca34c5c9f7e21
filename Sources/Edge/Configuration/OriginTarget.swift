import AccessSigning
import Bytes
import EventLoop
import HTTPClient
import HTTPWire
import Synchronization
import TLS

/// An origin ready to be asked: its servers, and how a request to it is made and signed.
final class OriginTarget: Sendable {
    let id: String
    /// Those that share its requests; never empty.
    let servers: [OriginServer]
    /// The Host field of requests to it.
    let authority: String
    /// Prefix of every path, without a trailing slash.
    let path: String
    let connectTimeout: Duration
    let readTimeout: Duration
    let connectAttempts: Int
    let retries: SharedRetryBudget
    /// `nil` when nothing is checked.
    let healthCheck: HealthCheck?
    private let choice: ServerChoice
    private let turns = Atomic<Int>(0)
    /// As this configuration has them.
    private let configured: SigV4Credentials?
    private let credentials: OriginCredentials?

    init(_ settings: OriginSettings, health: HealthBook, signing: CredentialBook) throws {
        let declaration = settings.declaration
        id = settings.name
        let trust = settings.certificateAuthorities.map { TLSClientContext.Trust.pem(Array($0.utf8)) } ?? .system
        let tls = settings.usesTLS ? try TLSClientContext(trust: trust) : nil
        authority = Endpoint(host: settings.host, port: settings.port, tls: tls).authority
        servers = settings.servers.map { server in
            var endpoint = Endpoint(host: server.host, port: server.port, tls: tls)
            if server.host != settings.host { endpoint.serverName = settings.host }
            return OriginServer(
                endpoint: endpoint,
                health: health.health(
                    of: endpoint.description, origin: settings.name, policy: settings.healthPolicy))
        }
        path = settings.path
        connectAttempts = declaration.connectAttempts
        connectTimeout = .seconds(declaration.connectTimeoutSeconds)
        readTimeout = .seconds(declaration.readTimeoutSeconds)
        retries = SharedRetryBudget(ratio: settings.retryRatio)
        healthCheck = settings.healthCheck
        choice = ServerChoice(balancing: settings.balancing)
        configured = settings.credentials.map {
            SigV4Credentials(
                accessKeyId: $0.accessKeyId, secretAccessKey: $0.secretAccessKey, region: $0.region,
                service: $0.service)
        }
        credentials = configured.map { [authority] in
            signing.credentials(of: settings.name, at: authority, configured: $0)
        }
    }

    /// Has every request to this origin signed as this configuration says, also those of older ones.
    func putCredentialsInForce() {
        if let configured { credentials?.replace(with: configured) }
    }

    /// Whether requests to this origin carry the edge's own signature.
    var signsRequests: Bool { credentials != nil }

    /// Whether any of its servers should get requests at that monotonic time.
    func isUsable(at now: UInt64) -> Bool {
        servers.contains { $0.health.isUsable(at: now) }
    }

    /// The index of the server for the next attempt of a request that has failed at those in `tried`.
    func chooseServer(tried: Set<Int>, at now: UInt64) -> Int {
        if servers.count == 1 { return 0 }
        let turn = turns.wrappingAdd(1, ordering: .relaxed).oldValue
        let candidates = servers.indices.map { index in
            ServerChoice.Candidate(
                isUsable: servers[index].health.isUsable(at: now), isTried: tried.contains(index),
                outstanding: servers[index].health.outstanding)
        }
        return choice.pick(candidates, turn: turn)
    }

    /// A request to this origin, with its host, timeouts and, where it wants one, the signature.
    ///
    /// The signature covers the host, the date and the target, so any other field may be added freely; a body is not
    /// covered.
    func request(_ wanted: UpstreamRequest, to server: OriginServer, epochSeconds: Int64) -> ClientRequest {
        let target = path + String(decoding: wanted.target, as: UTF8.self)
        var headers = signsRequests ? Self.withoutCredentials(wanted.headers) : wanted.headers
        headers.set("Host", authority)
        sign(wanted.method.name, target, &headers, hasBody: wanted.hasBody, epochSeconds)
        var request = ClientRequest(
            endpoint: server.endpoint, method: wanted.method, target: target, headers: headers, body: wanted.body)
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
        guard let credentials = credentials?.inForce else { return }
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
