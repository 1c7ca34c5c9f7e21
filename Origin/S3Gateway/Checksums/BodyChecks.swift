internal import Bytes
internal import EventLoop
internal import HTTPWire

/// Everything a body is held against: declared before, computed while it streams, compared once it is whole.
///
/// One task at a time uses it.
struct BodyChecks {
    private let expectedMD5: [UInt8]?
    private let expectedSHA256: [UInt8]?
    private let expectedChecksum: [UInt8]?
    /// The checksum that the client sends, in the head or in a trailer.
    let sent: ChecksumAlgorithm?
    private let digests: BodyDigests

    /// Reads what the head declares; `payloadHash` is `x-amz-content-sha256` when it is a hash, `trailer` the checksum a
    /// trailer will bring, `computing` one that is wanted even if the client brings none.
    init(
        headers: Headers, payloadHash: String?, trailer: ChecksumAlgorithm?, computing wanted: ChecksumAlgorithm? = nil
    ) throws(S3Error) {
        expectedMD5 = try BodyChecks.decoded(headers.first("content-md5"), byteCount: 16)
        if let payloadHash {
            guard let bytes = Hex.decode(payloadHash), bytes.count == 32 else {
                throw .invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a SHA-256 in hexadecimal.")
            }
            expectedSHA256 = bytes
        } else {
            expectedSHA256 = nil
        }
        let declared = try BodyChecks.declaredChecksum(headers)
        guard declared == nil || trailer == nil else { throw BodyChecks.severalChecksums }
        sent = declared?.algorithm ?? trailer
        if let name = headers.first("x-amz-sdk-checksum-algorithm") {
            guard try ChecksumAlgorithm.called(name) == sent else {
                throw .invalidRequest(
                    "x-amz-sdk-checksum-algorithm needs the x-amz-checksum- header or x-amz-trailer of that algorithm.")
            }
        }
        expectedChecksum = declared?.bytes
        digests = BodyDigests(isSigned: expectedSHA256 != nil, checksum: sent ?? wanted)
    }

    /// Adds bytes of a small body.
    func update(_ bytes: [UInt8]) { digests.update(bytes) }

    /// Adds bytes, on a thread of `pool` if they are many; returns once there is room for more.
    func update(_ bytes: [UInt8], on pool: BlockingPool) async { await digests.update(bytes, on: pool) }

    /// The MD5 in hex, and the checksum as it is stored, once every comparison has held.
    ///
    /// `trailers` are those of an aws-chunked body; the one that was announced must be there.
    func finish(trailers: [(name: String, value: String)]) async throws(S3Error) -> (
        etag: String, checksums: [String: String]
    ) {
        let found = await digests.finish()
        if let expectedMD5, expectedMD5 != found.md5 { throw .badDigest }
        if let expectedSHA256, expectedSHA256 != found.sha256 { throw .contentMismatch }
        guard let (algorithm, computed) = found.checksum else { return (Hex.encode(found.md5), [:]) }
        var expected = sent == nil ? computed : expectedChecksum
        if expected == nil {
            guard let trailer = trailers.first(where: { $0.name == algorithm.header }) else { throw .malformedTrailer }
            expected = try BodyChecks.decoded(trailer.value, byteCount: algorithm.byteCount)
        }
        guard expected == computed else { throw .badDigest }
        return (Hex.encode(found.md5), [algorithm.rawValue: Base64.encode(computed)])
    }

    /// The one checksum among the fields of a head; nil when there is none.
    private static func declaredChecksum(
        _ headers: Headers
    ) throws(S3Error) -> (algorithm: ChecksumAlgorithm, bytes: [UInt8])? {
        var declared: (ChecksumAlgorithm, [UInt8])?
        for field in headers {
            guard let algorithm = try ChecksumAlgorithm.named(field.name) else { continue }
            guard declared == nil else { throw severalChecksums }
            guard let bytes = try decoded(field.value, byteCount: algorithm.byteCount) else { continue }
            declared = (algorithm, bytes)
        }
        return declared
    }

    private static let severalChecksums = S3Error.invalidRequest("Expecting a single x-amz-checksum- header.")

    private static func decoded(_ text: String?, byteCount: Int) throws(S3Error) -> [UInt8]? {
        guard let text else { return nil }
        guard let bytes = Base64.decode(text), bytes.count == byteCount else { throw .invalidDigest }
        return bytes
    }
}
