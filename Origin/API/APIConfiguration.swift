public import AccessSigning
public import Library
public import MediaPlan

/// What the API needs to know of the installation.
public struct APIConfiguration: Sendable {
    /// The edge's address as viewers see it, without a trailing slash; manifests are there.
    public var publicURL: String
    /// The S3 listener's address as uploaders see it, without a trailing slash.
    public var s3URL: String
    /// The region that signatures of calls name.
    public var region: String
    /// What machines sign calls with.
    public var accessKeys: AccessKeyRing
    /// Where uploads go.
    public var uploadBucket: String
    /// Where published media are.
    public var mediaBucket: String
    /// The key that signs upload URLs at the time; it must be allowed to write to the upload bucket.
    public var uploadCredentials: @Sendable () -> SigV4Credentials
    /// How long an upload URL works (default 3,600 s).
    public var uploadSeconds: Int
    /// The largest upload in bytes (default 5 GiB, S3's limit for one PUT).
    public var maximumUploadBytes: Int64
    /// How long playback cookies work at most, and unless less is asked for (default 14,400 s).
    public var playbackSeconds: Int
    /// What is made of a video whose owner does not say.
    public var videoOptions: VideoOptions
    /// How many calls each caller may make.
    public var callLimits: CallLimits
    /// How much owners may have (default: as much as they like).
    public var quotas: Quotas
    /// What workers present; never logged.
    public var workerToken: String

    /// A configuration with the given values.
    public init(
        publicURL: String, s3URL: String, region: String, accessKeys: AccessKeyRing, uploadBucket: String,
        mediaBucket: String,
        uploadCredentials: @escaping @Sendable () -> SigV4Credentials, uploadSeconds: Int = 3_600,
        maximumUploadBytes: Int64 = 5 << 30, playbackSeconds: Int = 14_400,
        videoOptions: VideoOptions = VideoOptions(), callLimits: CallLimits = CallLimits(),
        quotas: Quotas = Quotas(), workerToken: String
    ) {
        self.publicURL = publicURL
        self.s3URL = s3URL
        self.region = region
        self.accessKeys = accessKeys
        self.uploadBucket = uploadBucket
        self.mediaBucket = mediaBucket
        self.uploadCredentials = uploadCredentials
        self.uploadSeconds = uploadSeconds
        self.maximumUploadBytes = maximumUploadBytes
        self.playbackSeconds = playbackSeconds
        self.videoOptions = videoOptions
        self.callLimits = callLimits
        self.quotas = quotas
        self.workerToken = workerToken
    }
}
