/// What an owner's videos take up, those in the trash and those whose upload is awaited included.
public struct OwnerUsage: Sendable, Equatable {
    /// How many there are.
    public var videos: Int64
    /// Bytes of their sources.
    public var bytes: Int64

    /// What owners without videos use, unless said otherwise.
    public init(videos: Int64 = 0, bytes: Int64 = 0) {
        self.videos = videos
        self.bytes = bytes
    }
}

/// What an administrator allows one owner, where it differs from what everybody is allowed.
public struct OwnerQuota: Sendable, Equatable {
    /// How many videos; 0 for any number, nil for as many as everybody.
    public var videos: Int64?
    /// Bytes of sources; 0 for any number, nil for as many as everybody.
    public var bytes: Int64?

    /// A quota that differs in what is given.
    public init(videos: Int64? = nil, bytes: Int64? = nil) {
        self.videos = videos
        self.bytes = bytes
    }
}

/// Reads what owners use and may use.
public protocol QuotaReader {
    /// What the owner uses now.
    func usage(ownerId: String) throws -> OwnerUsage
    /// What the owner alone is allowed; nil for what everybody is.
    func quota(ownerId: String) throws -> OwnerQuota?
}

/// Changes what owners may use.
public protocol QuotaWriter {
    /// Allows the owner this; nil for what everybody is allowed.
    func save(_ quota: OwnerQuota?, ownerId: String) throws
}
