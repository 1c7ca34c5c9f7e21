internal import Bytes

/// What a path-style URL addresses.
enum S3Target: Equatable {
    /// `/`
    case service
    /// `/bucket`, `/bucket/`
    case bucket(String)
    /// `/bucket/key…`; the key is decoded text and never a path.
    case object(bucket: String, key: String)

    /// Reads the raw, still encoded path.
    init(path: String) throws(S3Error) {
        guard path.utf8.first == UInt8(ascii: "/") else { throw .invalidURI }
        let parts = path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { self = .service; return }
        guard let bucket = PercentEncoding.decode(Substring(first)), S3Target.isBucketName(bucket) else {
            throw .noSuchBucket
        }
        guard parts.count == 2, !parts[1].isEmpty else { self = .bucket(bucket); return }
        guard let key = PercentEncoding.decode(Substring(parts[1])), !key.utf8.contains(0) else { throw .invalidURI }
        guard key.utf8.count <= 1024 else { throw .keyTooLong }
        self = .object(bucket: bucket, key: key)
    }

    private static func isBucketName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
    }
}
