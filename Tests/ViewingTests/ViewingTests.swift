import Catalog
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Viewing

@Suite struct ViewingTests {
    /// A catalog that can be told to fail.
    private final class Shelf: CatalogStore {
        struct Broken: Error {}

        let catalog: SQLiteCatalog
        private let state = Mutex((isBroken: false, reads: 0))
        private let folder = TemporaryDirectory()

        init() throws { catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite")) }

        var reads: Int { state.withLock { $0.reads } }

        func fail(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

        func read<R: Sendable>(_ body: @escaping @Sendable (any CatalogReader) throws -> R) async throws -> R {
            state.withLock { $0.reads += 1 }
            return try await catalog.read(body)
        }

        func write<R: Sendable>(_ body: @escaping @Sendable (any CatalogTransaction) throws -> R) async throws -> R {
            if state.withLock({ $0.isBroken }) { throw Broken() }
            return try await catalog.write(body)
        }
    }

    private let shelf: Shelf
    private let clock = ManualClock()
    private let viewing: Viewing

    init() throws {
        shelf = try Shelf()
        viewing = Self.viewing(shelf, clock)
    }

    private static func viewing(_ shelf: Shelf, _ clock: ManualClock, capacity: Int = 100) -> Viewing {
        Viewing(
            catalog: shelf, capacity: capacity, metrics: ViewingMetrics(MetricsRegistry()), now: { clock.now },
            logger: Logger(label: "viewing", sink: MemorySink()))
    }

    private func addVideo(_ id: String, visibility: Visibility = .public) async throws {
        var video = Video(
            id: id, ownerId: "owner", ownerName: "Owner", title: "t", fileName: "f", contentType: "video/mp4",
            uploadKey: id, declaredSize: 1, visibility: visibility, createdAt: 1)
        video.playable = true
        try await shelf.catalog.write { [video] in try $0.insert(video) }
    }

    private func ping(_ video: String, _ session: String, account: String? = nil, at position: Double = 0) throws {
        try viewing.take(Ping(videoId: video, sessionId: session, accountId: account, positionSeconds: position))
    }

    private func views(_ id: String) async throws -> Int64? {
        try await shelf.catalog.read { try $0.video(id: id)?.views }
    }

    @Test func `a session counts once over pings, writes and processes`() async throws {
        try await addVideo("v")
        try ping("v", "session-1")
        try ping("v", "session-1", at: 5)
        try ping("v", "session-2")
        await viewing.flush()
        #expect(try await views("v") == 2)
        try ping("v", "session-1", at: 9)
        await viewing.flush()
        #expect(try await views("v") == 2)
        let next = Self.viewing(shelf, clock)
        try next.take(Ping(videoId: "v", sessionId: "session-1", accountId: nil, positionSeconds: 12))
        await next.flush()
        #expect(try await views("v") == 2)
    }

    @Test func `pings survive a write that fails and count once`() async throws {
        try await addVideo("v")
        try ping("v", "session-1")
        shelf.fail(true)
        #expect(await !viewing.flush())
        shelf.fail(false)
        try ping("v", "session-1")
        #expect(await viewing.flush())
        #expect(try await views("v") == 1)
    }

    @Test func `pings are refused while a write of a second ago has not succeeded`() async throws {
        try await addVideo("v")
        try ping("v", "session-1")
        shelf.fail(true)
        await viewing.flush()
        clock.advance(seconds: 1)
        #expect(throws: Viewing.Overloaded.self) { try ping("v", "session-2") }
        shelf.fail(false)
        await viewing.flush()
        try ping("v", "session-2")
    }

    @Test func `the end writes what was taken`() async throws {
        try await addVideo("v")
        let running = Task { await viewing.run() }
        try ping("v", "session-1")
        running.cancel()
        await running.value
        try ping("v", "session-2")
        await viewing.finish()
        #expect(try await views("v") == 2)
    }

    @Test func `pings are written by themselves`() async throws {
        try await addVideo("v")
        let running = Task { await viewing.run() }
        defer { running.cancel() }
        for number in 0..<3 {
            try ping("v", "session-\(number)")
            #expect(try await eventually { try await views("v") == Int64(number + 1) })
        }
    }

    @Test func `pings of a video that is gone are dropped, and only they`() async throws {
        try await addVideo("v")
        try ping("v", "session-1")
        try ping("gone", "session-1", account: "anna")
        #expect(await viewing.flush())
        #expect(try await views("v") == 1)
        #expect(try await shelf.catalog.read { try $0.historyEntry(accountId: "anna", videoId: "gone") } == nil)
    }

    @Test func `a video is looked up once a second, and one that is none each time`() async throws {
        try await addVideo("v")
        for _ in 0..<3 { #expect(try await viewing.video(id: "v")?.visibility == .public) }
        #expect(shelf.reads == 1)
        try await shelf.catalog.write { transaction in
            guard var video = try transaction.video(id: "v") else { return }
            video.visibility = .private
            try transaction.save(video)
        }
        #expect(try await viewing.video(id: "v")?.visibility == .public)
        clock.advance(seconds: 1)
        #expect(try await viewing.video(id: "v")?.visibility == .private)
        #expect(try await viewing.video(id: "none") == nil)
        #expect(try await viewing.video(id: "none") == nil)
        #expect(shelf.reads == 4)
    }

    @Test func `history that is deleted does not come back from what was on its way`() async throws {
        try await addVideo("v")
        try await addVideo("w")
        try ping("v", "session-1", account: "anna", at: 3)
        await viewing.flush()
        try ping("v", "session-1", account: "anna", at: 9)
        try ping("w", "session-2", account: "anna", at: 4)
        try await viewing.forget(accountId: "anna", videoId: "v")
        await viewing.flush()
        let history = try await shelf.catalog.read { try $0.history(accountId: "anna", limit: 9, after: nil).items }
        #expect(history.map(\.videoId) == ["w"])
        try await viewing.forget(accountId: "anna")
        #expect(try await shelf.catalog.read { try $0.history(accountId: "anna", limit: 9, after: nil).items }.isEmpty)
    }
}
