public import EventLoop
internal import Synchronization

/// Tells whoever watches a video that its row has changed; the watcher reads the row itself.
///
/// Within this process only: a watcher also looks by itself now and then, for changes that another process made.
public final class VideoChanges: Sendable {
    private struct Watch {
        var bell = Doorbell()
        var watchers = 0
    }

    private let watches = Mutex<[String: Watch]>([:])
    private let closed = Atomic<Bool>(false)

    /// Nobody watches yet.
    public init() {}

    /// Whether watchers should leave, because the process is about to stop.
    public var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// Asks all watchers to leave, and wakes them.
    public func close() {
        closed.store(true, ordering: .releasing)
        for bell in watches.withLock({ $0.values.map(\.bell) }) { bell.ring() }
    }

    /// Wakes the watchers of one video.
    public func changed(_ videoId: String) {
        watches.withLock { $0[videoId]?.bell }?.ring()
    }

    /// Runs `body` with the video's bell; the bell lives as long as somebody watches.
    public func watching<R>(_ videoId: String, _ body: (Doorbell) async throws -> R) async rethrows -> R {
        let bell = watches.withLock { watches in
            watches[videoId, default: Watch()].watchers += 1
            return watches[videoId, default: Watch()].bell
        }
        defer {
            watches.withLock { watches in
                watches[videoId]?.watchers -= 1
                if watches[videoId]?.watchers == 0 { watches[videoId] = nil }
            }
        }
        return try await body(bell)
    }
}
