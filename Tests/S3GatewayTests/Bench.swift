import AccessSigning
import Bytes
import Catalog
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import ObjectStore
import S3Gateway
import TestKit
import Testing

/// A gateway over stores of its own, with a clock the test moves and a client that signs.
final class Bench: Sendable {
    static let administrator = AccessKey(id: "ADMINKEY", secret: "admin-secret", role: .admin)
    static let edge = AccessKey(id: "EDGEKEY", secret: "edge-secret", role: .edge)
    static let worker = AccessKey(id: "WORKERKEY", secret: "worker-secret", role: .worker)

    let keys = AccessKeyRing([administrator, edge, worker])

    let catalog: SQLiteCatalog
    let blobs: FileBlobStore
    let digests: BlockingPool
    let gateway: S3Gateway
    let clock = ManualClock(milliseconds: 1_795_000_000_000)
    private let folder: TemporaryDirectory

    init(
        allowedOrigins: [String] = ["*"], hostNames: S3HostNames = S3HostNames([]),
        secret: @escaping S3Gateway.Secret = { _, _ in nil },
        objectRead: @escaping @Sendable (StoredObject) -> Void = { _ in }
    ) throws {
        folder = TemporaryDirectory()
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        blobs = try FileBlobStore(
            directory: folder.file("objects"), pool: try BlockingPool(threads: 2, queueLimit: 256))
        digests = try BlockingPool(threads: 2, queueLimit: 256)
        let clock = clock
        gateway = S3Gateway(
            configuration: S3Configuration(
                region: "eu-central-1", uploadBucket: "uploads", mediaBucket: "media", accessKeys: keys,
                maximumObjectBytes: 1 << 30, allowedOrigins: allowedOrigins, hostNames: hostNames),
            catalog: catalog, blobs: blobs, digests: digests,
            now: { clock.now }, secret: secret, objectRead: objectRead)
    }

    var reclaimer: BlobReclaimer {
        let clock = clock
        return BlobReclaimer(catalog: catalog, blobs: blobs, now: { clock.now })
    }

    /// A request signed in its header.
    func request(
        _ method: HTTPMethod, _ target: String, _ fields: [(String, String)] = [], body: [UInt8] = [],
        payload: String? = nil, key: AccessKey = administrator, host: String = "s3.test",
        region: String = "eu-central-1"
    ) throws -> Request {
        var request = unsigned(method, target, fields, body: body)
        request.headers.set("Host", host)
        let signed = SigV4Request(
            method: method.name, path: request.path, query: request.query,
            headers: request.headers.map { (name: $0.name, value: $0.value) })
        let added = SigV4.sign(
            signed, credentials: credentials(key, region), payloadHash: payload ?? SigV4.payloadHash(body),
            epochSeconds: clock.now / 1_000)
        for field in added { request.headers.add(field.name, field.value) }
        return request
    }

    /// A request signed in its query.
    func presigned(
        _ method: HTTPMethod, _ path: String, query: String? = nil, body: [UInt8] = [], expires: Int = 60,
        key: AccessKey = administrator
    ) throws -> Request {
        let signed = SigV4Request(
            method: method.name, path: path, query: query, headers: [(name: "host", value: "s3.test")])
        let query = SigV4.presign(
            signed, credentials: credentials(key), epochSeconds: clock.now / 1_000, expirySeconds: expires)
        return unsigned(method, "\(path)?\(query)", [], body: body)
    }

    func unsigned(
        _ method: HTTPMethod, _ target: String, _ fields: [(String, String)] = [], body: [UInt8] = []
    ) -> Request {
        var headers = Headers()
        headers.add("Host", "s3.test")
        for (name, value) in fields { headers.add(name, value) }
        return Request(
            method: method, target: target, headers: headers, body: body, peer: SocketAddress("127.0.0.1:9")!,
            requestID: "test-request")
    }

    func send(_ request: Request) async -> Response { await gateway.respond(to: request) }

    func put(_ target: String, _ body: String, _ fields: [(String, String)] = []) async throws -> Response {
        await send(try request(.put, target, fields, body: Array(body.utf8)))
    }

    func visible(_ bucket: String, _ key: String) async throws -> StoredObject? {
        try await catalog.read { try $0.object(bucket: bucket, key: key) }
    }

    /// The bytes of an object, read from its blob.
    func bytes(of object: StoredObject) async throws -> [UInt8] {
        try await blobs.open(object.blob).read(at: 0, count: Int(object.size))
    }

    private func credentials(_ key: AccessKey, _ region: String = "eu-central-1") -> SigV4Credentials {
        SigV4Credentials(accessKeyId: key.id, secretAccessKey: key.secret, region: region)
    }
}

extension Response {
    /// The body of an answer that is no stream.
    var text: String {
        if case .bytes(let bytes) = body { return String(decoding: bytes, as: UTF8.self) }
        return ""
    }

    /// The code of an error answer.
    var code: String { between("<Code>", "</Code>") }

    var length: Int? {
        if case .stream(let length, _) = body { return length }
        return nil
    }

    /// The texts of all elements of that name.
    func all(_ name: String) -> [String] {
        text.split(separator: "<\(name)>").dropFirst().compactMap { part in
            part.firstRange(of: "</\(name)>").map { String(part[..<$0.lowerBound]) }
        }
    }

    func between(_ start: String, _ end: String) -> String {
        guard let opening = text.firstRange(of: start) else { return "" }
        let rest = text[opening.upperBound...]
        return String(rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)])
    }
}
