import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import ObjectStore
import Objects
import S3Gateway
import Synchronization

/// An upload in parts as a client goes about it.
struct MultipartClient {
    static let minimum = 5 << 20

    let bench: Bench
    let target: String
    let id: String

    /// Begins an upload.
    init(_ bench: Bench, to target: String, _ fields: [(String, String)] = []) async throws {
        self.bench = bench
        self.target = target
        let response = await bench.send(try bench.request(.post, "\(target)?uploads", fields))
        id = response.between("<UploadId>", "</UploadId>")
    }

    func put(_ number: Int, _ bytes: [UInt8], _ fields: [(String, String)] = []) async throws -> Response {
        let query = "partNumber=\(number)&uploadId=\(id)"
        return await bench.send(
            try bench.request(.put, "\(target)?\(query)", fields, body: bytes, payload: "UNSIGNED-PAYLOAD"))
    }

    /// Completes the upload with what is told of its parts.
    func complete(_ parts: [(Int, String)], _ fields: [(String, String)] = []) async throws -> Response {
        let elements = parts.map { "<Part><PartNumber>\($0.0)</PartNumber><ETag>\"\($0.1)\"</ETag></Part>" }
        return try await complete(
            xml: "<CompleteMultipartUpload>\(elements.joined())</CompleteMultipartUpload>", fields)
    }

    func complete(xml: String, _ fields: [(String, String)] = []) async throws -> Response {
        await bench.send(
            try bench.request(.post, "\(target)?uploadId=\(id)", fields, body: Array(xml.utf8)))
    }

    func abort() async throws -> Response {
        await bench.send(try bench.request(.delete, "\(target)?uploadId=\(id)"))
    }

    /// Bytes that tell one part from another.
    static func bytes(_ seed: Int, count: Int = minimum) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index &* 31 &+ seed) }
            filled = count
        }
    }

    static func tag(_ bytes: [UInt8]) -> String { Hex.encode(Digest.md5(bytes)) }

    /// The tag of an object of these parts.
    static func tag(of parts: [[UInt8]]) -> String {
        "\(Hex.encode(Digest.md5(parts.flatMap { Digest.md5($0) })))-\(parts.count)"
    }
}

extension Bench {
    /// All bytes of an object, wherever they lie.
    func content(_ bucket: String, _ key: String) async throws -> [UInt8]? {
        guard let object = try await visible(bucket, key) else { return nil }
        let collected = Mutex<[UInt8]>([])
        try await ObjectBytes(of: object, in: blobs, catalog).read(0..<object.size) { piece in
            collected.withLock { $0 += piece }
        }
        return collected.withLock { $0 }
    }

    /// What was announced, oldest first.
    func events() async throws -> [ObjectEvent] {
        try await catalog.read { try $0.visibleMessages(in: .objectEvents, group: "", now: .max, limit: 99) }
            .map { try ObjectEvent(document: $0.body) }
    }

    /// How many blobs there are, once what is on the reclaim list is gone.
    func blobsLeft() async throws -> Int {
        while try await reclaimer.reclaimDiscarded() > 0 {}
        return try await blobs.names(writtenBefore: .max, after: "", limit: 999).count
    }
}
