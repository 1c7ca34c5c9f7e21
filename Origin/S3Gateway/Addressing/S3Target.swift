internal import Bytes

/// What a URL addresses, in path or virtual-host style.
enum S3Target: Equatable {
    /// `/`
    case service
    /// `/bucket`, `/bucket/`
    case bucket(String)
    /// `/bucket/key…`; the key is decoded text and never a path.
    case object(bucket: String, key: String)

    static let maximumKeyBytes = 1_024

    /// Reads the raw, still encoded path; `bucket` is the one that the host's name says, if it does.
    init(path: String, bucket hostBucket: String? = nil) throws(S3Error) {
        guard path.utf8.first == UInt8(ascii: "/") else { throw .invalidURI }
        let rest = path.utf8.dropFirst()
        if let hostBucket {
            guard S3Target.isBucketName(hostBucket) else { throw .noSuchBucket }
            self = try S3Target(bucket: hostBucket, encodedKey: Substring(rest))
            return
        }
        let parts = rest.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { self = .service; return }
        guard let bucket = PercentEncoding.decode(Substring(first)), S3Target.isBucketName(bucket) else {
            throw .noSuchBucket
        }
        self = try S3Target(bucket: bucket, encodedKey: parts.count == 2 ? Substring(parts[1]) : "")
    }

    private init(bucket: String, encodedKey: Substring) throws(S3Error) {
        guard !encodedKey.isEmpty else { self = .bucket(bucket); return }
        guard let key = PercentEncoding.decode(encodedKey) else { throw .invalidURI }
        try S3Target.check(key: key)
        self = .object(bucket: bucket, key: key)
    }

    /// The bucket, unless the service as such is meant.
    var bucket: String? {
        switch self {
        case .service: nil
        case .bucket(let bucket), .object(let bucket, _): bucket
        }
    }

    /// Refuses names that something between here and the client could take for a path or a string's end.
    static func check(key: String) throws(S3Error) {
        guard !key.utf8.contains(0) else { throw .invalidURI }
        guard key.utf8.count <= maximumKeyBytes else { throw .keyTooLong }
        let segments = key.utf8.split(separator: UInt8(ascii: "/"))
        guard !segments.contains(where: { $0.elementsEqual("..".utf8) || $0.elementsEqual(".".utf8) }) else {
            throw .invalidURI
        }
    }

    /// Whether a bucket of that name may be made, by the stricter rules that host names ask for.
    static func mayBeMade(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = labels.count == 4 && labels.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
        return isBucketName(name) && !isAddress
            && labels.allSatisfy { !$0.isEmpty && $0.first != "-" && $0.last != "-" }
    }

    private static func isBucketName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
    }
}
