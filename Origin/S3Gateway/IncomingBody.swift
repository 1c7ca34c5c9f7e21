internal import AccessSigning
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects

/// The bytes of a PUT or of a part on their way to the disk: their form and what they are held against are in the head, which
/// is checked before the first of them is asked for.
struct IncomingBody {
    private static let trailerPayload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    private let body: RequestBody
    private let size: Int64
    private var decoder: AWSChunkedDecoder?
    private var checks: BodyChecks

    /// Reads the head; `payload` is `x-amz-content-sha256` as the signature covers it.
    init(_ request: Request, payload: String, maximumBytes: Int64) throws(S3Error) {
        body = request.body
        let isChunked = try Self.isChunked(payload, request.headers)
        let trailer = try isChunked ? Self.announcedTrailer(request.headers) : nil
        size = try Self.declaredSize(request, isChunked: isChunked, maximumBytes: maximumBytes)
        let isHash = !isChunked && payload != SigV4.unsignedPayload
        checks = try BodyChecks(
            headers: request.headers, payloadHash: isHash ? payload : nil, trailer: trailer)
        decoder = isChunked ? AWSChunkedDecoder() : nil
    }

    /// Streams the bytes into a blob and returns what `described` describes once they are whole, checked and durable; it is
    /// visible to nobody yet. Anything wrong leaves nothing behind.
    mutating func store(as described: StoredObject, in blobs: any BlobStore) async throws -> StoredObject {
        let draft = try await ObjectDraft(described, expectedSize: size, in: blobs)
        do {
            var received: Int64 = 0
            for try await piece in body {
                let bytes = try decoder?.decode(piece) ?? piece
                received += Int64(bytes.count)
                guard received <= size else { throw S3Error.incompleteBody }
                checks.update(bytes)
                try await draft.append(bytes)
            }
            guard received == size, decoder?.isFinished ?? true else { throw S3Error.incompleteBody }
            let (etag, checksums) = try checks.finish(trailers: decoder?.trailers ?? [])
            return try await draft.finish(size: size, etag: etag, checksums: checksums)
        } catch {
            await draft.discard()
            throw error
        }
    }

    private static func isChunked(_ payload: String, _ headers: Headers) throws(S3Error) -> Bool {
        if payload == trailerPayload { return true }
        guard !payload.hasPrefix("STREAMING-") else {
            throw .notImplemented("A body of signed chunks; send UNSIGNED-PAYLOAD or its SHA-256, which")
        }
        let encodings = (headers.joined("content-encoding") ?? "").split(separator: ",").map { ASCII.trimmed($0) }
        guard !encodings.contains(where: { ASCII.equalsIgnoringCase($0, "aws-chunked") }) else {
            throw .invalidRequest("Content-Encoding: aws-chunked needs x-amz-content-sha256: \(trailerPayload).")
        }
        return false
    }

    private static func announcedTrailer(_ headers: Headers) throws(S3Error) -> ChecksumAlgorithm? {
        guard let name = headers.first("x-amz-trailer") else {
            throw .invalidRequest("x-amz-trailer must name the checksum that follows the body.")
        }
        guard let algorithm = try ChecksumAlgorithm.named(ASCII.trimmed(name)) else {
            throw .invalidRequest("x-amz-trailer must name an x-amz-checksum- field.")
        }
        return algorithm
    }

    private static func declaredSize(
        _ request: Request, isChunked: Bool, maximumBytes: Int64
    ) throws(S3Error) -> Int64 {
        let size: Int64
        if isChunked {
            guard let text = request.headers.first("x-amz-decoded-content-length"),
                let value = ASCII.parseDecimal(text), value <= UInt64(Int64.max)
            else { throw .missingContentLength }
            size = Int64(value)
        } else {
            guard let length = request.body.length else { throw .missingContentLength }
            size = Int64(length)
        }
        guard size <= maximumBytes else { throw .entityTooLarge }
        return size
    }
}
