public import Catalog
internal import Presentation

/// Where published media lie, and who must hear when they go.
public struct PublishedMedia: Sendable {
    /// The bucket.
    public let bucket: String
    private let forget: @Sendable (String, any CatalogTransaction) throws -> Void
    private let announce: @Sendable () -> Void

    /// Media in `bucket`.
    ///
    /// `forget` tells whoever caches them, in the transaction in which the media of a video go; `announce` is called once
    /// it is committed and must not block.
    public init(
        bucket: String,
        forget: @escaping @Sendable (_ videoId: String, any CatalogTransaction) throws -> Void = { _, _ in },
        announce: @escaping @Sendable () -> Void = {}
    ) {
        self.bucket = bucket
        self.forget = forget
        self.announce = announce
    }

    /// The key prefix of everything that belongs to a video.
    public static func folder(of videoId: String) -> String { "media/\(videoId)/" }

    /// The video whose content key is asked for under `key`; nil for what lies in the bucket.
    public static func videoId(ofContentKey key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, folder(of: parts[1]) + Presentation.keyName == key else { return nil }
        return parts[1]
    }

    /// Removes everything that was published of a video; false when there was nothing.
    @discardableResult
    public func clear(_ videoId: String, in transaction: any CatalogTransaction) throws -> Bool {
        _ = try transaction.deleteObjects(bucket: trash, prefix: Self.folder(of: videoId))
        guard try transaction.deleteObjects(bucket: bucket, prefix: Self.folder(of: videoId)) > 0 else { return false }
        try forget(videoId, transaction)
        return true
    }

    /// Where media lie that nobody may have: no bucket that can be asked for has a slash in its name.
    private var trash: String { bucket + "/trash" }

    /// Takes everything that was published of a video from where it can be asked for.
    public func hide(_ videoId: String, in transaction: any CatalogTransaction) throws {
        try transaction.moveObjects(prefix: Self.folder(of: videoId), from: bucket, to: trash)
    }

    /// Puts back what was hidden, in place of what may have been stored there meanwhile.
    public func show(_ videoId: String, in transaction: any CatalogTransaction) throws {
        _ = try transaction.deleteObjects(bucket: bucket, prefix: Self.folder(of: videoId))
        try transaction.moveObjects(prefix: Self.folder(of: videoId), from: trash, to: bucket)
    }

    /// Removes everything that was published of a video, hidden or not, and tells nobody.
    public func remove(_ videoId: String, in transaction: any CatalogTransaction) throws {
        for bucket in [bucket, trash] {
            _ = try transaction.deleteObjects(bucket: bucket, prefix: Self.folder(of: videoId))
        }
    }

    /// Wakes whoever was told to forget something, after the transaction.
    public func cleared() { announce() }
}
