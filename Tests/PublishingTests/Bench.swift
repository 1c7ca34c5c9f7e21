import Catalog
import ContentKeys
import Crypto
import EventLoop
import JSON
import Jobs
import MediaPlan
import ObjectStore
import Presentation
import Publishing
import Telemetry
import TestKit

/// A publisher over stores of its own, with a clock the test moves.
final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let blobs: FileBlobStore
    let jobs: JobQueue
    let changes = VideoChanges()
    let publisher: Publisher
    let clock = ManualClock()
    private let pool: BlockingPool

    init(_ folder: TemporaryDirectory) throws {
        let clock = clock
        pool = try BlockingPool(name: "blobs", threads: 2, queueLimit: 256)
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        blobs = try FileBlobStore(directory: folder.file("objects"), pool: pool, minimumFreeBytes: 0)
        jobs = JobQueue(
            catalog: catalog, changes: changes, media: PublishedMedia(bucket: "media"),
            contentKeys: ContentKeys(sealingKeys: try SealingKeys([UInt8](repeating: 9, count: 32))),
            metrics: WorkMetrics(MetricsRegistry()), now: { clock.now })
        publisher = Publisher(
            catalog: catalog, blobs: blobs, jobs: jobs, changes: changes, bucket: "media",
            now: { clock.now })
    }

    /// A publisher as another process would run it.
    func otherPublisher() -> Publisher {
        let clock = clock
        return Publisher(
            catalog: catalog, blobs: blobs, jobs: jobs, changes: changes, bucket: "media",
            now: { clock.now })
    }

    /// Uploads and probes a film of two sizes and one sound, `segments` segments of 6 s.
    func planned(segments: Int = 2, options: VideoOptions = VideoOptions()) async throws {
        try await catalog.write { transaction in
            try transaction.insert(
                Video(
                    id: "v", ownerId: "o", ownerName: "O", title: "T", fileName: "f", contentType: "video/mp4",
                    uploadKey: "v/original", declaredSize: 10, visibility: .private, options: options, createdAt: 1))
            try transaction.append(
                ObjectEvent(
                    name: "ObjectCreated:Put", bucket: "uploads", key: "v/original", size: 10, etag: "e",
                    requestId: "r", createdAt: 1))
        }
        try await jobs.dispatchObjectEvents()
        let probe = try await leased()
        _ = try await jobs.complete(probe.report, .planned(Self.plan(segments: segments)))
    }

    static func plan(segments: Int) -> WorkPlan {
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
            ], targetDurationSeconds: 6, durationSeconds: Double(6 * segments), explanation: ["decisions": []])
        return WorkPlan(
            outline: outline, media: .null,
            units: [
                UnitOutline(
                    number: 1, kind: .pictures, renditions: [0, 1], segments: 1...segments, memoryMebibytes: 1,
                    detail: .null),
                UnitOutline(
                    number: 2, kind: .sound, renditions: [2], segments: 1...segments, memoryMebibytes: 1, detail: .null),
            ])
    }

    struct NothingLeased: Error {}

    func leased() async throws -> UnitLease {
        guard let lease = try await jobs.lease(WorkerOffer(workerId: "w"), wait: .zero) else { throw NothingLeased() }
        return lease
    }

    /// Stores segments, given as rendition and number, and reports them.
    func commit(_ lease: UnitLease, _ places: [(Int, Int)]) async throws {
        let names = ["360p", "720p", "audio"]
        let segments = places.map { rendition, number in
            StoredSegment(
                rendition: rendition, number: number, bytes: 1_000 * (rendition + 1), durationMicroseconds: 6_000_000,
                sha256: String(repeating: "a", count: 64))
        }
        try await catalog.write { transaction in
            for segment in segments {
                try transaction.put(
                    StoredObject(
                        bucket: "media",
                        key: "media/v/\(names[segment.rendition])/\(StoredSegment.fileName(segment.number))",
                        blob: "segment-\(segment.rendition)-\(segment.number)", size: Int64(segment.bytes), etag: "e",
                        contentType: "video/iso.segment", createdAt: 1))
            }
        }
        _ = try await jobs.commit(lease.report, segments)
    }

    /// A published playlist; nil when there is none.
    func playlist(_ path: String) async throws -> String? {
        guard let object = try await object(path) else { return nil }
        let reader = try await blobs.open(object.blob)
        return String(decoding: try await reader.read(at: 0, count: Int(object.size)), as: UTF8.self)
    }

    func object(_ path: String) async throws -> StoredObject? {
        try await catalog.read { try $0.object(bucket: "media", key: "media/v/\(path)") }
    }

    func video() async throws -> Video? { try await catalog.read { try $0.video(id: "v") } }
}

extension UnitLease {
    var report: UnitReport { UnitReport(jobId: job.id, number: unit.number, fence: unit.fence) }
}

extension String {
    /// The segments a media playlist names.
    var segments: [String] { split(separator: "\n").filter { $0.hasSuffix(".m4s") }.map(String.init) }
}

func withPublisher(_ body: (Bench) async throws -> Void) async throws {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try await body(try Bench(folder))
}
