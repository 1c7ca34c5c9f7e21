import Catalog
import ContentKeys
import Crypto
import JSON
import Jobs
import MediaPlan
import Presentation
import Synchronization
import Telemetry
import TestKit

/// A queue over a catalog of its own, with a clock the test moves.
final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let queue: JobQueue
    let changes = VideoChanges()
    let registry = MetricsRegistry()
    let clock = ManualClock()
    private let log: Log

    private final class Log: Sendable {
        let events = Mutex<[JobQueueEvent]>([])
        let forgotten = Mutex<[String]>([])
    }

    init(path: String) throws {
        let (clock, log) = (clock, Log())
        catalog = try SQLiteCatalog(path: path)
        queue = JobQueue(
            catalog: catalog, changes: changes,
            media: PublishedMedia(
                bucket: "media", forget: { videoId, _ in log.forgotten.withLock { $0.append(videoId) } }),
            contentKeys: ContentKeys(sealingKeys: try SealingKeys([UInt8](repeating: 9, count: 32))),
            metrics: WorkMetrics(registry), now: { clock.now },
            log: { event in log.events.withLock { $0.append(event) } })
        self.log = log
    }

    var events: [JobQueueEvent] { log.events.withLock { $0 } }

    /// Videos whose media caches were told to forget.
    var forgotten: [String] { log.forgotten.withLock { $0 } }

    func video(_ id: String) async throws -> Video? { try await catalog.read { try $0.video(id: id) } }

    func job(_ id: String) async throws -> Job? { try await catalog.read { try $0.job(id: "transcode-\(id)") } }

    func units(_ id: String) async throws -> [JobUnit] {
        try await catalog.read { try $0.units(jobId: "transcode-\(id)") }
    }

    /// Makes the video unless it exists and announces its upload.
    func upload(_ id: String, owner: String = "o", etag: String = "e") async throws {
        try await catalog.write { transaction in
            if try transaction.video(id: id) == nil { try transaction.insert(makeVideo(id, owner: owner)) }
        }
        try await announce("\(id)/original", etag: etag)
    }

    func announce(_ key: String, etag: String = "e") async throws {
        let event = ObjectEvent(
            name: "ObjectCreated:Put", bucket: "uploads", key: key, size: 10, etag: etag, requestId: "r", createdAt: 1)
        try await catalog.write { try $0.append(event) }
    }

    func lease(
        _ worker: String = "w", memory: Int? = nil, holding: [String] = []
    ) async throws -> UnitLease? {
        try await queue.lease(
            WorkerOffer(workerId: worker, memoryMebibytes: memory, heldJobs: holding), wait: .zero)
    }

    /// Leases what must be there.
    func leased(_ worker: String = "w", memory: Int? = nil, holding: [String] = []) async throws -> UnitLease {
        guard let lease = try await lease(worker, memory: memory, holding: holding) else { throw NothingLeased() }
        return lease
    }

    /// Uploads and leases the probe.
    func probing(_ id: String, owner: String = "o") async throws -> UnitLease {
        try await upload(id, owner: owner)
        try await queue.dispatchObjectEvents()
        return try await leased()
    }

    /// Uploads and probes.
    func planned(_ id: String, owner: String = "o", _ plan: WorkPlan = makePlan()) async throws {
        let probe = try await probing(id, owner: owner)
        guard try await queue.complete(probe.report, .planned(plan)) == .accepted else { throw NothingLeased() }
    }

    /// Stores the segments' objects, as a worker does, and reports them.
    @discardableResult
    func commit(_ lease: UnitLease, _ segments: [StoredSegment]) async throws -> JobOutcome {
        let accounts = try await catalog.read { try $0.renditionAccounts(jobId: lease.job.id) }
        try await catalog.write { transaction in
            for segment in segments {
                let name = accounts[segment.rendition].name
                let key = "media/\(lease.job.videoId)/\(name)/\(StoredSegment.fileName(segment.number))"
                try transaction.put(
                    StoredObject(
                        bucket: "media", key: key, blob: "\(UInt64.random(in: 0 ... .max))", size: Int64(segment.bytes),
                        etag: "e",
                        contentType: "video/iso.segment", createdAt: 1))
            }
        }
        return try await queue.commit(lease.report, segments)
    }

    /// Commits every segment of the unit and completes it.
    func make(_ lease: UnitLease) async throws {
        guard let detail = lease.unit.detail, let unit = UnitOutline(json: try JSONValue.parse(detail)) else {
            throw NothingLeased()
        }
        let stored = Set(lease.stored.map { [$0.rendition, $0.number] })
        let segments = unit.renditions.flatMap { rendition in
            unit.segments.filter { !stored.contains([rendition, $0]) }.map { makeSegment(rendition, $0) }
        }
        try await commit(lease, segments)
        guard try await queue.complete(lease.report, .made) == .accepted else { throw NothingLeased() }
    }

    /// What a metric says.
    func metric(_ line: String) -> Bool {
        String(decoding: registry.renderPrometheus(), as: UTF8.self).contains("\n\(line)\n")
    }

    struct NothingLeased: Error {}
}

extension UnitLease {
    var report: UnitReport { UnitReport(jobId: job.id, number: unit.number, fence: unit.fence) }
}

func withQueue(_ body: (Bench) async throws -> Void) async throws {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try await body(try Bench(path: folder.file("catalog.sqlite")))
}

func makeVideo(
    _ id: String, owner: String = "o", status: VideoStatus = .awaitingUpload, options: VideoOptions = VideoOptions()
) -> Video {
    var video = Video(
        id: id, ownerId: owner, ownerName: "O", title: "T", fileName: "f", contentType: "video/mp4",
        uploadKey: "\(id)/original", declaredSize: 10, visibility: .private, options: options, createdAt: 1)
    video.status = status
    return video
}

/// Two sizes and sound, `spans` spans of one segment of 6 s each: pictures of span 1, sound, then the other spans.
func makePlan(spans: Int = 3, memory: Int = 100) -> WorkPlan {
    let outline = PresentationOutline(
        renditions: [
            RenditionOutline(
                name: "360p", content: .video(width: 640, height: 360, frameRateThousandths: 30_000),
                codec: "avc1.64001e", declaredPeak: 900_000, declaredAverage: 700_000),
            RenditionOutline(
                name: "720p", content: .video(width: 1280, height: 720, frameRateThousandths: 30_000),
                codec: "avc1.64001f", declaredPeak: 3_000_000, declaredAverage: 2_000_000),
            RenditionOutline(
                name: "audio", content: .audio(language: "en", channels: 2, isDefault: true), codec: "mp4a.40.2",
                declaredPeak: 130_000, declaredAverage: 128_000),
        ], targetDurationSeconds: 6, durationSeconds: Double(6 * spans), explanation: ["decisions": []])
    var units = [
        UnitOutline(
            number: 1, kind: .pictures, renditions: [0, 1], segments: 1...1, memoryMebibytes: memory, detail: .null),
        UnitOutline(
            number: 2, kind: .sound, renditions: [2], segments: 1...spans, memoryMebibytes: 10, detail: .null),
    ]
    for span in 2..<(spans + 1) {
        units.append(
            UnitOutline(
                number: span + 1, kind: .pictures, renditions: [0, 1], segments: span...span, memoryMebibytes: memory,
                detail: .null))
    }
    return WorkPlan(outline: outline, media: ["preset": "veryfast"], units: units)
}

func makeSegment(_ rendition: Int, _ number: Int, bytes: Int = 1_000, hash: Character = "a") -> StoredSegment {
    StoredSegment(
        rendition: rendition, number: number, bytes: bytes, durationMicroseconds: 6_000_000,
        sha256: String(repeating: hash, count: 64))
}

extension Bench {
    /// Makes everything of a video, says that it is published as the publisher does, and leases its check.
    func finishing(_ id: String) async throws -> UnitLease {
        try await planned(id)
        while let lease = try await lease() { try await make(lease) }
        let (jobId, now) = ("transcode-\(id)", clock.now)
        try await catalog.write { transaction in
            try transaction.insert(JobUnit(jobId: jobId, number: 5, kind: .finish, effortSeconds: 1, now: now))
        }
        return try await leased()
    }
}
