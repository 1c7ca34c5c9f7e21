internal import Bytes
internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects
internal import S3Wire

/// The bytes of a PUT, of a part or of a document: their form and what they are held against are in the head, which is checked
/// before the first of them is asked for.
///
/// Every call that takes bytes reads them this way. One task at a time uses it.
struct IncomingBody {
    private let body: RequestBody
    /// The bytes without their framing, as announced.
    private let size: Int64
    private var chunks: ChunkedBody?
    private let checks: BodyChecks

    /// The checksum that the client sends, in the head or in a trailer.
    var sentChecksum: ChecksumAlgorithm? { checks.sent }

    /// Reads the head; `computing` is a checksum that is wanted even if the client brings none.
    init(
        _ request: Request, payload: SignedPayload, maximumBytes: Int64, computing wanted: ChecksumAlgorithm? = nil
    ) throws(S3Error) {
        body = request.body
        let framing = try payload.framing(request.headers)
        let trailer = try Self.announcedTrailer(framing, request.headers)
        size = try Self.declaredSize(request, isChunked: framing != nil)
        guard size <= maximumBytes else { throw .entityTooLarge }
        checks = try BodyChecks(
            headers: request.headers, payloadHash: payload.hash, trailer: trailer, computing: wanted)
        chunks = framing.map { ChunkedBody($0, payload.chain) }
    }

    /// Streams the bytes into a blob and returns what `described` describes once they are whole, checked and durable; it is
    /// visible to nobody yet. Anything wrong leaves nothing behind.
    ///
    /// While a piece is written, it and the one before are digested on a thread of `digests`, and the next one arrives.
    mutating func store(
        as described: StoredObject, in blobs: any BlobStore, digests: BlockingPool
    ) async throws -> StoredObject {
        let draft = try await ObjectDraft(described, expectedSize: size, in: blobs)
        do {
            let (etag, checksums) = try await receive { [checks] bytes in
                await checks.update(bytes, on: digests)
                try await draft.append(bytes)
            }
            return try await draft.finish(size: size, etag: etag, checksums: checksums)
        } catch {
            await draft.discard()
            throw error
        }
    }

    /// Reads the bytes of a small body into memory and returns them once they are whole and checked.
    mutating func collect() async throws -> [UInt8] {
        var collected: [UInt8] = []
        _ = try await receive { [checks] bytes in
            checks.update(bytes)
            collected += bytes
        }
        return collected
    }

    private mutating func receive(
        _ take: ([UInt8]) async throws -> Void
    ) async throws -> (etag: String, checksums: [String: String]) {
        var received: Int64 = 0
        for try await piece in body {
            let bytes = try chunks?.decode(piece) ?? piece
            received += Int64(bytes.count)
            guard received <= size else { throw S3Error.incompleteBody }
            try await take(bytes)
        }
        guard received == size, chunks?.isFinished ?? true else { throw S3Error.incompleteBody }
        return try await checks.finish(trailers: chunks?.trailers ?? [])
    }

    private static func announcedTrailer(
        _ framing: AWSChunkedDecoder.Framing?, _ headers: Headers
    ) throws(S3Error) -> ChecksumAlgorithm? {
        guard let name = headers.first("x-amz-trailer") else {
            guard framing?.hasTrailer != true else {
                throw .invalidRequest("x-amz-trailer must name the checksum that follows the body.")
            }
            return nil
        }
        guard framing?.hasTrailer == true else {
            throw .invalidRequest("x-amz-trailer needs an x-amz-content-sha256 that ends with -TRAILER.")
        }
        guard let algorithm = try ChecksumAlgorithm.named(ASCII.trimmed(name)) else {
            throw .invalidRequest("x-amz-trailer must name an x-amz-checksum- field.")
        }
        return algorithm
    }

    private static func declaredSize(_ request: Request, isChunked: Bool) throws(S3Error) -> Int64 {
        if isChunked {
            guard let text = request.headers.first("x-amz-decoded-content-length"),
                let value = ASCII.parseDecimal(text), let size = Int64(exactly: value)
            else { throw .missingContentLength }
            return size
        }
        guard let length = request.body.length else { throw .missingContentLength }
        return Int64(length)
    }
}
