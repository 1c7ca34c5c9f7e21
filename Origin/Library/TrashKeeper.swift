public import Catalog
public import Telemetry

/// Deletes for good what has been in the trash for long enough.
public struct TrashKeeper: Sendable {
    private let catalog: any CatalogStore
    private let trash: VideoTrash
    private let keptMilliseconds: Int64
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private static let rest = Duration.seconds(60)
    /// One transaction deletes no more, so that nobody waits long for the writer.
    private static let batch = 8

    /// A keeper of videos for `days`; 0 keeps them until somebody deletes them. `now` gives epoch milliseconds.
    public init(
        catalog: any CatalogStore, trash: VideoTrash, days: Int, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.catalog = catalog
        self.trash = trash
        keptMilliseconds = Int64(days) * 86_400_000
        self.now = now
        self.logger = logger
    }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                while try await empty() > 0, !Task.isCancelled {}
            } catch {
                logger.error("trash not emptied, trying again", ["error": .error(error)])
            }
            try? await Task.sleep(for: Self.rest)
        }
    }

    /// Deletes a few whose time has come; returns how many.
    @discardableResult
    public func empty() async throws -> Int {
        guard keptMilliseconds > 0 else { return 0 }
        let (now, trash) = (now(), trash)
        let due = now - keptMilliseconds
        guard try await !catalog.read({ try $0.videosInTrash(until: due, limit: 1) }).isEmpty else { return 0 }
        let deleted = try await catalog.write { transaction in
            let videos = try transaction.videosInTrash(until: due, limit: Self.batch)
            for video in videos { try trash.deleteForGood(video, now: now, in: transaction) }
            return videos.map(\.id)
        }
        for id in deleted { logger.info("video deleted for good after its time in the trash", ["video": .string(id)]) }
        return deleted.count
    }
}
