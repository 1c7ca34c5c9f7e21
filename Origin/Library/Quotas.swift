public import Catalog

/// How much owners may have, and whether somebody may have more. One transaction asks and inserts, so that no number of requests
/// at the same time gets past a limit.
public struct Quotas: Sendable {
    /// What is limited.
    public enum Resource: String, Sendable {
        /// The number of videos.
        case videos
        /// Bytes of sources.
        case bytes
    }

    /// A limit that would be passed.
    public struct Excess: Error, Sendable, Equatable {
        /// What there would be too much of.
        public let resource: Resource
        /// How much there is without what is asked for.
        public let used: Int64
        /// How much is asked for.
        public let asked: Int64
        /// How much there may be.
        public let allowed: Int64
    }

    /// Where an owner stands.
    public struct Standing: Sendable, Equatable {
        /// What there is.
        public let used: OwnerUsage
        /// What there may be; 0 for any number.
        public let allowed: OwnerUsage
    }

    /// What everybody is allowed; 0 for any number.
    private let usual: OwnerUsage

    /// Quotas of an installation; 0 for none.
    public init(videos: Int64 = 0, bytes: Int64 = 0) { usual = OwnerUsage(videos: videos, bytes: bytes) }

    /// Where an owner stands.
    public func standing(ownerId: String, in reader: any CatalogReader) throws -> Standing {
        let own = try reader.quota(ownerId: ownerId)
        return Standing(
            used: try reader.usage(ownerId: ownerId),
            allowed: OwnerUsage(videos: own?.videos ?? usual.videos, bytes: own?.bytes ?? usual.bytes))
    }

    /// Throws the `Excess` of the limit that one more video of so many bytes would pass.
    public func admit(bytes size: Int64, ownerId: String, in reader: any CatalogReader) throws {
        let standing = try standing(ownerId: ownerId, in: reader)
        let excess =
            Self.excess(.videos, standing.used.videos, 1, standing.allowed.videos)
            ?? Self.excess(.bytes, standing.used.bytes, size, standing.allowed.bytes)
        if let excess { throw excess }
    }

    /// The limit that the source of `video` passes, now that it has so many bytes; nil when it does not. What was declared and
    /// counted is no more in the way, even of an owner whose quota has shrunk since.
    public func excess(of video: Video, size: Int64, in reader: any CatalogReader) throws -> Excess? {
        guard size > video.declaredSize else { return nil }
        let standing = try standing(ownerId: video.ownerId, in: reader)
        return Self.excess(.bytes, standing.used.bytes - video.declaredSize, size, standing.allowed.bytes)
    }

    private static func excess(_ resource: Resource, _ used: Int64, _ asked: Int64, _ allowed: Int64) -> Excess? {
        guard allowed > 0, asked > allowed - used else { return nil }
        return Excess(resource: resource, used: used, asked: asked, allowed: allowed)
    }
}

extension Quotas.Excess {
    /// Why a video fails whose file turned out too large.
    public var failure: VideoFailure {
        VideoFailure(
            reason: "The file is larger than was declared and than there is room for: \(asked) bytes, of \(allowed) "
                + "allowed \(used) are taken. Delete videos for good, or ask an administrator for more.",
            detail: "quota of \(resource.rawValue): used \(used), asked \(asked), allowed \(allowed)")
    }
}
