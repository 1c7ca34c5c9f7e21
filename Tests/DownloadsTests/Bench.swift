import CMAF
import Catalog
import ContentKeys
import Crypto
import Downloads
import EventLoop
import JSON
import Jobs
import ObjectStore
import Objects
import Presentation
import Synchronization
import Telemetry
import TestKit

/// A maker of downloads over stores of its own, with a clock the test moves.
final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let blobs: FileBlobStore
    let jobs: JobQueue
    let events = Mutex<[DownloadEvent]>([])
    /// Rung with every event.
    let said = Doorbell()
    let clock = ManualClock()
    private let pool: BlockingPool

    init(_ folder: TemporaryDirectory) throws {
        let clock = clock
        pool = try BlockingPool(name: "blobs", threads: 2, queueLimit: 256)
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        blobs = try FileBlobStore(directory: folder.file("objects"), pool: pool, minimumFreeBytes: 0)
        jobs = JobQueue(
            catalog: catalog, changes: VideoChanges(), media: PublishedMedia(bucket: "media"),
            contentKeys: ContentKeys(sealingKeys: try SealingKeys([UInt8](repeating: 9, count: 32))),
            metrics: WorkMetrics(MetricsRegistry()), now: { clock.now })
    }

    /// A maker that writes to `store`, or to the bench's own.
    func maker(writingTo store: (any BlobStore)? = nil) -> DownloadMaker {
        let clock = clock
        return DownloadMaker(
            catalog: catalog, blobs: store ?? blobs, jobs: jobs, bucket: "media", pool: pool,
            now: { clock.now },
            log: { [self] event in
                events.withLock { $0.append(event) }
                said.ring()
            })
    }

    static let picture = InitializationSegment.bytes(
        video: VideoTrack(
            configuration: .avc(AVCConfiguration(annexB: annexBHeader)!), width: 1280, height: 720, timescale: 12_800,
            reorderDelay: 0, colour: .init(primaries: 1, transfer: 1, matrix: 1)))
    static let sound = InitializationSegment.bytes(
        audio: AudioTrack(
            specificConfig: [0x11, 0x90], sampleRate: 48_000, channels: 2, priming: 0, bitsPerSecond: 128_000))
    private static let annexBHeader: [UInt8] =
        [0, 0, 0, 1, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0, 0, 1, 0x68, 0xeb, 0xe3, 0xcb]

    /// A segment of one sample of each given payload.
    static func segment(_ number: Int, _ payloads: [[UInt8]]) -> [UInt8] {
        MediaSegment.bytes(
            sequence: UInt32(number), decodeTime: UInt64((number - 1) * 512 * payloads.count),
            samples: payloads.map { Sample(duration: 512, isSync: true, bytes: $0) })
    }

    static let renditions = [
        RenditionOutline(
            name: "360p", content: .video(width: 640, height: 360, frameRateThousandths: 25_000), codec: "avc1.64001e",
            declaredPeak: 9, declaredAverage: 8),
        RenditionOutline(
            name: "720p", content: .video(width: 1280, height: 720, frameRateThousandths: 25_000), codec: "avc1.64001f",
            declaredPeak: 9, declaredAverage: 8),
        RenditionOutline(
            name: "audio", content: .audio(language: "en", channels: 2, isDefault: true), codec: "mp4a.40.2",
            declaredPeak: 9, declaredAverage: 8),
        RenditionOutline(
            name: "audio-de", content: .audio(language: "de", channels: 2, isDefault: false), codec: "mp4a.40.2",
            declaredPeak: 9, declaredAverage: 8),
    ]

    /// A video that is ready, with two segments of each rendition whose samples are their names in bytes.
    func ready(_ renditions: [RenditionOutline] = renditions, title: String = "A film") async throws {
        var video = Video(
            id: "v", ownerId: "o", ownerName: "O", title: title, fileName: "film.mov", contentType: "video/mp4",
            uploadKey: "v/original", declaredSize: 10, visibility: .private, createdAt: 1)
        video.status = .ready
        var job = Job(
            id: "transcode-v", videoId: "v", ownerId: "o",
            source: Job.Source(bucket: "uploads", key: "v/original", size: 10, etag: "e"), createdAt: 1)
        job.state = .done
        let outline = PresentationOutline(
            renditions: renditions, targetDurationSeconds: 6, durationSeconds: 12, explanation: [:])
        let rows = (video, job, String(decoding: outline.json.serialized(), as: UTF8.self))
        try await catalog.write { transaction in
            try transaction.insert(rows.0)
            try transaction.insert(rows.1)
            try transaction.store(JobPlan(outline: rows.2, media: "{}"), jobId: rows.1.id)
            for (position, rendition) in renditions.enumerated() {
                var account = RenditionAccount(position: position, name: rendition.name, effort: 1)
                account.publishedSegments = 2
                try transaction.insert(account, jobId: rows.1.id)
            }
        }
        for rendition in renditions {
            try await store("\(rendition.name)/init.mp4", rendition.isVideo ? Self.picture : Self.sound)
            for number in 1...2 {
                try await store(
                    rendition.path(ofSegment: number),
                    Self.segment(number, [Array("<\(rendition.name) \(number)>".utf8)])
                )
            }
        }
        let pending = PendingDownloads(jobId: job.id, now: 0)
        try await catalog.write { try $0.save(pending) }
    }

    /// Stores an object of the video.
    func store(_ path: String, _ bytes: [UInt8]) async throws {
        let object = try await ObjectDraft.whole(
            StoredObject(
                bucket: "media", key: "media/v/\(path)", blob: "", size: 0, etag: "", contentType: "video/mp4",
                createdAt: 1), bytes, in: blobs)
        try await catalog.publish([object], in: blobs) { _ in }
    }

    func object(_ path: String) async throws -> StoredObject? {
        try await catalog.read { try $0.object(bucket: "media", key: "media/v/\(path)") }
    }

    /// The bytes of an object of the video; nil when there is none.
    func bytes(_ path: String) async throws -> [UInt8]? {
        guard let object = try await object(path) else { return nil }
        let content = Mutex<[UInt8]>([])
        try await ObjectBytes(of: object, in: blobs, catalog).read(0..<object.size) { piece in
            content.withLock { $0 += piece }
        }
        return content.withLock { $0 }
    }

    func downloads() async throws -> [Download] {
        try await catalog.read { try Download.list(videoId: "v", bucket: "media", in: $0) }
    }

    func pending() async throws -> [PendingDownloads] { try await catalog.read { try $0.pendingDownloads(limit: 9) } }
}

func withDownloads(_ body: (Bench) async throws -> Void) async throws {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try await body(try Bench(folder))
}
