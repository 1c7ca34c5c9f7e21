import AccessSigning
import Bytes
import Configuration
import Crypto
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit

@testable import Edge

/// An edge in front of an origin in this process, and a client: what the loopback tests talk to.
final class World: Sendable {
    let origin: ScriptedOrigin
    let edge: EdgeServer
    let log = MemorySink()
    private let clientGroup: EventLoopGroup
    private let client: HTTPClient
    private let blocking: BlockingPool
    private let files: TestFiles
    private let directory = TemporaryDirectory()

    static let token = "a-token-for-operators"
    static let key: PrivateKey = {
        guard let key = try? PrivateKey.generateRSA() else { fatalError("no RSA key") }
        return key
    }()

    /// - Parameters:
    ///   - objectMebibytes: larger objects are passed through.
    ///   - documents: further files that the configuration may name.
    ///   - app: URL of the origin `app` instead of `origin`'s, such as a `ScriptedServer`'s.
    ///   - more: files that the configuration names, by name.
    ///   - configure: changes the configuration document before it is read.
    ///   - change: alters the settings before the edge starts.
    init(
        distribution: JSONValue = World.distribution, documents: [String: JSONValue] = [:],
        objectMebibytes: Int = 64, app: String? = nil, files more: [String: [UInt8]] = [:],
        configure: (inout JSONObject) -> Void = { _ in },
        change: @escaping @Sendable (inout EdgeSettings) -> Void = { _ in }
    ) async throws {
        origin = try await ScriptedOrigin()
        files = TestFiles([
            "distribution.json": distribution.serialized(), "key.pem": Array(Self.key.publicKey.pem.utf8),
        ])
        for (name, document) in documents { files.write(document.serialized(), to: name) }
        for (name, bytes) in more { files.write(bytes, to: name) }
        blocking = try BlockingPool(threads: 1, queueLimit: 64)
        clientGroup = try EventLoopGroup(loops: 1)
        client = HTTPClient(loop: clientGroup.loops[0], resolver: Resolver(pool: blocking))
        var document: JSONObject = [
            "distribution": "distribution.json", "http": ["listen": "127.0.0.1:0"],
            "admin": ["listen": "127.0.0.1:0", "token": .string(Self.token)],
            "cache": [
                "directory": .string(directory.file("cache")), "capacityMebibytes": 64,
                "objectMebibytes": .integer(Int64(objectMebibytes)),
            ],
            "origins": [
                "media": [
                    "url": .string(origin.url), "path": "/bucket",
                    "sigv4": ["accessKeyId": "AKTEST", "secretAccessKey": "secret"],
                ],
                "app": ["url": .string(app ?? origin.url)],
            ],
            "keyGroups": ["playback": ["keys": [["id": "K1", "file": "key.pem"]]]], "loops": 2,
            "timeouts": ["drainSeconds": 1],
        ]
        configure(&document)
        files.write(JSONValue.object(document).serialized(), to: "edge.json")
        let read: @Sendable () throws -> EdgeSettings = { [files] in
            var settings = try EdgeSettings(
                try Configuration(try JSONValue.parse(try files.read("edge.json")), parameters: EdgeParameters.all),
                sources: SettingsSources(folder: "", readFile: { try files.read($0) }, resolve: { $0.inlineText }))
            change(&settings)
            return settings
        }
        edge = try EdgeServer.start(
            try read(), processors: 2, logger: Logger(label: "edge", level: .debug, sink: log), reread: read)
    }

    func stop() async {
        await edge.stop()
        await origin.stop()
        await clientGroup.shutdown()
        blocking.shutdown()
    }

    var edgePort: UInt16 { edge.addresses.http?.port ?? 0 }

    /// A file of the cache.
    func cacheFile(_ name: String) -> String { directory.file("cache") + "/" + name }

    /// Replaces a file that the configuration names.
    func write(_ document: JSONValue, to file: String) {
        files.write(document.serialized(), to: file)
    }

    func write(bytes: [UInt8], to file: String) {
        files.write(bytes, to: file)
    }

    /// Changes the configuration document; a reload reads it.
    func reconfigure(_ change: (inout JSONObject) -> Void) throws {
        guard case .object(var document) = try JSONValue.parse(try files.read("edge.json")) else { return }
        change(&document)
        files.write(JSONValue.object(document).serialized(), to: "edge.json")
    }

    /// Puts another public key in the place of the trusted one.
    func replaceKey() throws {
        files.write(Array(try PrivateKey.generateP256().publicKey.pem.utf8), to: "key.pem")
    }

    // MARK: Requests

    func send(
        _ target: String, method: HTTPMethod = .get, headers: Headers = [:], body: ClientRequest.Body = .none
    ) async throws -> ClientResponse {
        let endpoint = Endpoint(host: "127.0.0.1", port: edgePort)
        return try await client.send(
            ClientRequest(endpoint: endpoint, method: method, target: target, headers: headers, body: body))
    }

    func get(_ target: String, method: HTTPMethod = .get, headers: Headers = [:]) async throws -> Answer {
        let response = try await send(target, method: method, headers: headers)
        return Answer(
            status: response.status.code, headers: response.headers,
            body: try await response.body.collect(upTo: 1 << 26))
    }

    /// A request with cookies that open everything under `/media/`.
    func play(_ target: String, method: HTTPMethod = .get, headers: Headers = [:]) async throws -> Answer {
        var headers = headers
        headers.set("Cookie", try Self.cookies("http*://*/media/*"))
        return try await get(target, method: method, headers: headers)
    }

    func admin(
        _ target: String, method: HTTPMethod = .post, body: JSONValue? = nil, token: String? = World.token
    ) async throws -> (status: Int, document: JSONValue) {
        let endpoint = Endpoint(host: "127.0.0.1", port: edge.addresses.admin.port)
        var headers: Headers = [:]
        if let token { headers.set("Authorization", "Bearer \(token)") }
        let response = try await client.send(
            ClientRequest(
                endpoint: endpoint, method: method, target: target, headers: headers,
                body: body.map { .bytes($0.serialized()) } ?? .none))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, (try? JSONValue.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self)))
    }

    /// The value of a metric without labels.
    func metric(_ declaration: MetricDeclaration) async throws -> Int {
        try await metric(declaration.name)
    }

    func metric(_ name: String) async throws -> Int {
        let page = try await admin("/metrics", method: .get).document.string ?? ""
        let line = page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
            throw Unexpected(what: "no \(name) in \(page)")
        }
        return Int(value)
    }

    func purge(_ order: JSONValue) async throws {
        let answer = try await admin("/purge", body: order)
        guard answer.status == 200 else { throw Unexpected(what: "purge answered \(answer)") }
    }

    static func cookies(
        _ resource: String?, expires: Int64? = nil, keyPairId: String = "K1", key: PrivateKey = World.key
    ) throws -> String {
        let policy = CloudFrontPolicy(resource: resource, expires: expires ?? WallClock.epochSeconds() + 600)
        return try CloudFrontSigner(key: key, keyPairId: keyPairId).cookies(policy)
            .map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    /// The target of a URL with a canned signature.
    static func signedTarget(_ url: String, expires: Int64) throws -> String {
        let signed = try CloudFrontSigner(key: key, keyPairId: "K1").signedURL(url, expires: expires)
        return "/" + signed.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)[2]
    }

    static let distribution: JSONValue = [
        "Id": "ETEST",
        "Origins": [["Id": "media", "OriginAccessControl": ["SigningBehavior": "always"]], ["Id": "app"]],
        "CachePolicies": [
            ["Id": "media"],
            [
                "Id": "pages", "DefaultTTL": 0,
                "ParametersInCacheKeyAndForwardedToOrigin": ["QueryStringsConfig": ["QueryStringBehavior": "all"]],
            ],
        ],
        "ResponseHeadersPolicies": [
            [
                "Id": "media",
                "CorsConfig": ["AccessControlAllowOrigins": ["*"], "AccessControlAllowCredentials": true],
            ]
        ],
        "CacheBehaviors": [
            [
                "PathPattern": "/media/*", "TargetOriginId": "media", "CachePolicyId": "media",
                "ResponseHeadersPolicyId": "media", "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]],
            ],
            ["PathPattern": "/open/*", "TargetOriginId": "app", "CachePolicyId": "media"],
            [
                "PathPattern": "/api/*", "TargetOriginId": "app",
                "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
            ],
        ],
        "DefaultCacheBehavior": ["TargetOriginId": "app", "CachePolicyId": "pages"],
    ]
}

/// Runs `body` in a world of its own and takes it down afterwards, whatever happens.
func withWorld(
    distribution: JSONValue = World.distribution, documents: [String: JSONValue] = [:], objectMebibytes: Int = 64,
    app: String? = nil, files: [String: [UInt8]] = [:],
    configure: (inout JSONObject) -> Void = { _ in },
    change: @escaping @Sendable (inout EdgeSettings) -> Void = { _ in }, _ body: (World) async throws -> Void
) async throws {
    let world = try await World(
        distribution: distribution, documents: documents, objectMebibytes: objectMebibytes, app: app,
        files: files, configure: configure, change: change)
    do {
        try await body(world)
    } catch {
        await world.stop()
        throw error
    }
    await world.stop()
}

/// A whole response.
struct Answer: Sendable {
    var status: Int
    var headers: Headers
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var cache: String { headers.first("X-Cache") ?? "" }
}

struct Unexpected: Error {
    let what: String
}

/// Files that exist only in memory.
final class TestFiles: Sendable {
    private let files: Mutex<[String: [UInt8]]>

    init(_ files: [String: [UInt8]]) {
        self.files = Mutex(files)
    }

    func read(_ path: String) throws -> [UInt8] {
        guard let bytes = files.withLock({ $0[path] }) else { throw Unexpected(what: "cannot open \(path)") }
        return bytes
    }

    func write(_ bytes: [UInt8], to path: String) {
        files.withLock { $0[path] = bytes }
    }
}

extension SecretSource {
    var inlineText: String {
        if case .inline(let text) = self { return text }
        return ""
    }
}
