public import Catalog
internal import Synchronization

/// What has to be known of a video to take a ping for it.
public struct WatchedVideo: Sendable, Equatable {
    /// The owner's `sub`.
    public let ownerId: String
    /// Who may watch.
    public let visibility: Visibility
    /// Since when it lies in the trash, in epoch milliseconds.
    public let deletedAt: Int64?
    /// Whether there is anything to watch.
    public let isPlayable: Bool
    /// The length in seconds, once known.
    public let durationSeconds: Double?

    /// What a ping needs of `video`.
    init(_ video: Video) {
        ownerId = video.ownerId
        visibility = video.visibility
        deletedAt = video.deletedAt
        isPlayable = video.playable
        durationSeconds = video.durationSeconds
    }
}

/// Looks videos up for pings, of which most are for a video that another one was for a moment ago.
///
/// Only what there is is kept: made-up ids would fill the memory.
struct WatchedVideos: Sendable {
    /// How long a look is good, in milliseconds: how late a ping learns that a video is private or gone.
    static let life: Int64 = 1_000
    /// Videos that are kept at most.
    static let capacity = 10_000

    private final class Looks: Sendable {
        let kept = Mutex<[String: (video: WatchedVideo, until: Int64)]>([:])
    }

    let catalog: any CatalogStore
    private let looks = Looks()

    init(catalog: any CatalogStore) { self.catalog = catalog }

    /// The video, or nil.
    func video(id: String, now: Int64) async throws -> WatchedVideo? {
        if let look = looks.kept.withLock({ $0[id] }), now < look.until { return look.video }
        guard let video = try await catalog.read({ try $0.video(id: id).map(WatchedVideo.init) }) else {
            forget(id)
            return nil
        }
        looks.kept.withLock { kept in
            if kept.count >= Self.capacity { kept = kept.filter { now < $0.value.until } }
            if kept.count >= Self.capacity { kept.removeAll() }
            kept[id] = (video, now + Self.life)
        }
        return video
    }

    private func forget(_ id: String) {
        looks.kept.withLock { _ = $0.removeValue(forKey: id) }
    }
}
