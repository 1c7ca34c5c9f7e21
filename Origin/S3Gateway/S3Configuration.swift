public import AccessSigning

/// What the gateway serves and to whom.
public struct S3Configuration: Sendable {
    /// The region signatures must name; one for which SDKs sign with SigV4 only, such as `eu-central-1`.
    public var region: String
    /// The bucket whose new objects are announced in the event queue.
    public var uploadBucket: String
    /// The bucket that edges read.
    public var mediaBucket: String
    /// The keys that may sign.
    public var accessKeys: AccessKeyRing
    /// The largest object that one PUT brings, and the largest part, in bytes (default 5 GiB, S3's limit for both).
    public var maximumObjectBytes: Int64
    /// The web origins whose pages may send requests; `*` for all (the default), which is safe because a signature and not a
    /// cookie is what grants access.
    public var allowedOrigins: [String]

    /// The names before which a bucket's name may stand in `Host`; none by default.
    public var hostNames: S3HostNames

    /// A configuration with the given values.
    public init(
        region: String, uploadBucket: String, mediaBucket: String, accessKeys: AccessKeyRing,
        maximumObjectBytes: Int64 = 5 << 30, allowedOrigins: [String] = ["*"],
        hostNames: S3HostNames = S3HostNames([])
    ) {
        self.region = region
        self.uploadBucket = uploadBucket
        self.mediaBucket = mediaBucket
        self.accessKeys = accessKeys
        self.maximumObjectBytes = maximumObjectBytes
        self.allowedOrigins = allowedOrigins
        self.hostNames = hostNames
    }
}

extension S3Configuration {
    /// The buckets that exist from the beginning and for good.
    var buckets: [String] { uploadBucket == mediaBucket ? [mediaBucket] : [uploadBucket, mediaBucket] }
}
