internal import Bytes

/// The checksums a client may send beside its bytes.
enum ChecksumAlgorithm: String, CaseIterable, Sendable {
    case crc32
    case crc32c
    case crc64nvme
    case sha1
    case sha256

    var header: String { "x-amz-checksum-\(rawValue)" }

    var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Fields that begin like a checksum and are none.
    private static let others: Set<String> = [
        "x-amz-checksum-mode", "x-amz-checksum-algorithm", "x-amz-checksum-type",
    ]

    /// The algorithm of a field or trailer name; nil for another field, an error for one this gateway cannot check.
    static func named(_ header: String) throws(S3Error) -> ChecksumAlgorithm? {
        let name = ASCII.lowercased(header)
        guard name.hasPrefix("x-amz-checksum-"), !others.contains(name) else { return nil }
        guard let found = allCases.first(where: { $0.header == name }) else { throw unsupported(name) }
        return found
    }

    /// The algorithm as `x-amz-checksum-algorithm` and `x-amz-sdk-checksum-algorithm` name it, in any case.
    static func called(_ name: String) throws(S3Error) -> ChecksumAlgorithm {
        guard let found = ChecksumAlgorithm(rawValue: ASCII.lowercased(ASCII.trimmed(name))) else {
            throw unsupported(name)
        }
        return found
    }

    private static func unsupported(_ name: String) -> S3Error {
        .invalidRequest("\(name) is not supported; use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.")
    }
}
