internal import Bytes
internal import Crypto
internal import HTTPWire

/// The checksums a client may send beside its bytes.
enum ChecksumAlgorithm: String, CaseIterable {
    case crc32
    case crc32c
    case sha1
    case sha256

    var header: String { "x-amz-checksum-\(rawValue)" }

    var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// The algorithm of a field or trailer name; nil for another field, an error for one this gateway cannot check.
    static func named(_ header: String) throws(S3Error) -> ChecksumAlgorithm? {
        let name = ASCII.lowercased(header)
        guard name.hasPrefix("x-amz-checksum-"), name != "x-amz-checksum-mode", name != "x-amz-checksum-algorithm",
            name != "x-amz-checksum-type"
        else { return nil }
        guard let found = allCases.first(where: { $0.header == name }) else {
            throw .invalidRequest("\(name) is not supported; use CRC32, CRC32C, SHA1 or SHA256.")
        }
        return found
    }
}

/// Everything a body is held against: declared before, computed while it streams, compared once it is whole.
///
/// One task at a time uses it.
struct BodyChecks {
    private let expectedMD5: [UInt8]?
    private let expectedSHA256: [UInt8]?
    private let expectedChecksum: [UInt8]?
    private let checksum: ChecksumAlgorithm?
    private let md5 = StreamingDigest(.md5)
    private let sha256: StreamingDigest?
    private let sha1: StreamingDigest?
    private var crc32 = CRC32()
    private var crc32c = CRC32C()

    /// Reads what the head declares; `payloadHash` is `x-amz-content-sha256` when it is a hash, `trailer` the checksum a
    /// trailer will bring.
    init(headers: Headers, payloadHash: String?, trailer: ChecksumAlgorithm?) throws(S3Error) {
        expectedMD5 = try BodyChecks.decoded(headers.first("content-md5"), byteCount: 16)
        if let payloadHash {
            guard let bytes = Hex.decode(payloadHash), bytes.count == 32 else {
                throw .invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a SHA-256 in hexadecimal.")
            }
            expectedSHA256 = bytes
        } else {
            expectedSHA256 = nil
        }
        var declared: (ChecksumAlgorithm, [UInt8])?
        for field in headers {
            guard let algorithm = try ChecksumAlgorithm.named(field.name) else { continue }
            guard declared == nil, trailer == nil else {
                throw .invalidRequest("Expecting a single x-amz-checksum- header.")
            }
            guard let bytes = try BodyChecks.decoded(field.value, byteCount: algorithm.byteCount) else { continue }
            declared = (algorithm, bytes)
        }
        let algorithm = declared?.0 ?? trailer
        expectedChecksum = declared?.1
        checksum = algorithm
        sha256 = expectedSHA256 != nil || algorithm == .sha256 ? StreamingDigest(.sha256) : nil
        sha1 = algorithm == .sha1 ? StreamingDigest(.sha1) : nil
    }

    mutating func update(_ bytes: [UInt8]) {
        md5.update(bytes)
        sha256?.update(bytes)
        sha1?.update(bytes)
        if checksum == .crc32 { crc32.update(bytes) }
        if checksum == .crc32c { crc32c.update(bytes) }
    }

    /// The MD5 in hex, and the verified checksum as it is stored, once every comparison has held.
    ///
    /// `trailers` are those of an aws-chunked body; the one that was announced must be there.
    func finish(trailers: [(name: String, value: String)]) throws(S3Error) -> (
        etag: String, checksums: [String: String]
    ) {
        let md5 = md5.finish()
        if let expectedMD5, expectedMD5 != md5 { throw .badDigest }
        let sha256 = sha256?.finish()
        if let expectedSHA256, expectedSHA256 != sha256 { throw .contentMismatch }
        guard let checksum else { return (Hex.encode(md5), [:]) }
        let computed: [UInt8] =
            switch checksum {
            case .crc32: BodyChecks.bigEndian(crc32.value)
            case .crc32c: BodyChecks.bigEndian(crc32c.value)
            case .sha1: sha1?.finish() ?? []
            case .sha256: sha256 ?? []
            }
        var expected = expectedChecksum
        if expected == nil {
            guard let trailer = trailers.first(where: { $0.name == checksum.header }) else { throw .malformedTrailer }
            expected = try BodyChecks.decoded(trailer.value, byteCount: checksum.byteCount)
        }
        guard expected == computed else { throw .badDigest }
        return (Hex.encode(md5), [checksum.rawValue: Base64.encode(computed)])
    }

    private static func decoded(_ text: String?, byteCount: Int) throws(S3Error) -> [UInt8]? {
        guard let text else { return nil }
        guard let bytes = Base64.decode(text), bytes.count == byteCount else { throw .invalidDigest }
        return bytes
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
