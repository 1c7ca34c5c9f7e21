/// What the gateway serves and to whom.
public struct S3Configuration: Sendable {
    /// The region signatures must name; one for which SDKs sign with SigV4 only, such as `eu-central-1`.
    public var region: String
    /// The buckets that exist.
    public var buckets: [String]
    /// The bucket whose new objects are announced in the event queue.
    public var uploadBucket: String
    /// The keys that may sign.
    public var accessKeys: [S3AccessKey]
    /// The largest object in bytes (default 5 GiB, S3's limit for one PUT).
    public var maximumObjectBytes: Int64
    /// The web origins whose pages may send requests; `*` for all (the default), which is safe because a signature and not a
    /// cookie is what grants access.
    public var allowedOrigins: [String]

    /// A configuration with the given values.
    public init(
        region: String, buckets: [String], uploadBucket: String, accessKeys: [S3AccessKey],
        maximumObjectBytes: Int64 = 5 << 30, allowedOrigins: [String] = ["*"]
    ) {
        self.region = region
        self.buckets = buckets
        self.uploadBucket = uploadBucket
        self.accessKeys = accessKeys
        self.maximumObjectBytes = maximumObjectBytes
        self.allowedOrigins = allowedOrigins
    }
}

/// An access key and what it may do.
public struct S3AccessKey: Sendable {
    /// What a key may do in a bucket.
    public enum Access: Sendable {
        /// GET, HEAD and lists.
        case read
        /// PUT and DELETE as well.
        case readWrite
    }

    /// The public name.
    public var id: String
    /// The secret; never logged.
    public var secret: String
    /// Access by bucket; `*` stands for every bucket.
    public var access: [String: Access]

    /// A key with the given access.
    public init(id: String, secret: String, access: [String: Access]) {
        self.id = id
        self.secret = secret
        self.access = access
    }

    /// A key that may do everything.
    public static func administrator(id: String, secret: String) -> S3AccessKey {
        S3AccessKey(id: id, secret: secret, access: ["*": .readWrite])
    }

    func mayRead(_ bucket: String) -> Bool { access[bucket] != nil || access["*"] != nil }

    func mayWrite(_ bucket: String) -> Bool { access[bucket] == .readWrite || access["*"] == .readWrite }
}
