import Catalog
import Jobs
import Synchronization
import TestKit

/// A queue over a catalog of its own, with a clock the test moves.
final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let queue: JobQueue
    let changes = VideoChanges()
    private let clock: Clock
    private let log: Log

    private final class Clock: Sendable { let now = Mutex<Int64>(1_000_000) }
    private final class Log: Sendable { let events = Mutex<[JobQueueEvent]>([]) }

    init(path: String) throws {
        let (clock, log) = (Clock(), Log())
        catalog = try SQLiteCatalog(path: path)
        queue = JobQueue(
            catalog: catalog, changes: changes, now: { clock.now.withLock { $0 } },
            log: { event in log.events.withLock { $0.append(event) } })
        self.clock = clock
        self.log = log
    }

    var events: [JobQueueEvent] { log.events.withLock { $0 } }

    func advance(seconds: Int) { clock.now.withLock { $0 += Int64(seconds) * 1_000 } }

    func video(_ id: String) async throws -> Video? { try await catalog.read { try $0.video(id: id) } }

    /// Makes the video unless it exists and announces its upload.
    func upload(_ id: String) async throws {
        try await catalog.write { transaction in
            if try transaction.video(id: id) == nil { try transaction.insert(makeVideo(id)) }
        }
        try await announce("\(id)/original")
    }

    func announce(_ key: String) async throws {
        let event = ObjectEvent(
            name: "ObjectCreated:Put", bucket: "uploads", key: key, size: 10, etag: "e", requestId: "r", createdAt: 1)
        try await catalog.write { try $0.append(event) }
    }

    func queuedAndLeased(_ id: String) async throws -> Job {
        try await upload(id)
        try await queue.dispatchObjectEvents()
        guard let job = try await queue.lease(workerId: "a", wait: .zero) else { throw NothingLeased() }
        return job
    }

    private struct NothingLeased: Error {}
}

func withQueue(_ body: (Bench) async throws -> Void) async throws {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try await body(try Bench(path: folder.file("catalog.sqlite")))
}

func makeVideo(_ id: String, status: VideoStatus = .awaitingUpload) -> Video {
    var video = Video(
        id: id, ownerId: "o", ownerName: "O", title: "T", fileName: "f", contentType: "video/mp4",
        uploadKey: "\(id)/original", declaredSize: 10, visibility: .private, createdAt: 1)
    video.status = status
    return video
}
