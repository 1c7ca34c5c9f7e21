import Bytes
import Catalog
import Crypto
import EventLoop
import ObjectStore
import Objects
import Synchronization
import Telemetry
import TestKit

@testable import Archive

/// A catalog, two stores and a clock that the test moves.
final class Bench: Sendable {
    static let days = 30
    static let day = 86_400

    let catalog: SQLiteCatalog
    let hot: FileBlobStore
    let archive: FileBlobStore
    let clock = ManualClock(milliseconds: 1_795_000_000_000)
    let restores = SourceRestores()
    let reads = SourceReads()
    private let pool: BlockingPool
    private let folder = TemporaryDirectory()
    private let log = Log()

    private final class Log: Sendable {
        let events = Mutex<[ArchiveEvent]>([])
    }

    init() throws {
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        pool = try BlockingPool(threads: 2, queueLimit: 256)
        hot = try FileBlobStore(directory: folder.file("hot"), pool: pool, minimumFreeBytes: 0)
        archive = try FileBlobStore(directory: folder.file("archive"), pool: pool, minimumFreeBytes: 0)
    }

    var events: [ArchiveEvent] { log.events.withLock { $0 } }

    /// Who copies into the archive; over stores that crash, if it says so.
    func archiver(
        _ crash: Crash? = nil, to archive: (any BlobStore)? = nil, from hot: (any BlobStore)? = nil, days: Int = days
    ) -> SourceArchiver {
        SourceArchiver(
            stores(crash, archive, hot), days: days, reads: reads, restores: restores,
            metrics: ArchiveMetrics(MetricsRegistry()), log: { [log] event in log.events.withLock { $0.append(event) } }
        )
    }

    func restorer(
        _ crash: Crash? = nil, from archive: (any BlobStore)? = nil, arrived: @escaping @Sendable () -> Void = {}
    ) -> SourceRestorer {
        SourceRestorer(
            stores(crash, archive, nil), restores: restores, metrics: ArchiveMetrics(MetricsRegistry()),
            sourceArrived: arrived, log: { [log] event in log.events.withLock { $0.append(event) } })
    }

    private func stores(_ crash: Crash?, _ archive: (any BlobStore)?, _ hot: (any BlobStore)?) -> ArchiveStores {
        let (archive, hot): (any BlobStore, any BlobStore) = (archive ?? self.archive, hot ?? self.hot)
        return ArchiveStores(
            catalog: crash.map { CrashingCatalog(catalog, $0) } ?? catalog,
            hot: crash.map { CrashingStore(hot, $0) } ?? hot,
            archive: crash.map { CrashingStore(archive, $0) } ?? archive, bucket: "uploads", digests: pool,
            now: { [clock] in clock.now })
    }

    /// A video with a file in so many blobs, each a part of it.
    @discardableResult
    func add(
        _ id: String, _ parts: [[UInt8]] = [[1, 2, 3]], status: VideoStatus = .ready, etag: String? = nil
    ) async throws -> StoredObject {
        var blobs: [String] = []
        for part in parts {
            let writer = try await hot.create(expectedSize: nil)
            try await writer.append(part)
            try await writer.commit()
            blobs.append(writer.name)
        }
        let usual =
            parts.count == 1
            ? Hex.encode(Digest.md5(parts[0]))
            : "\(Hex.encode(Digest.md5(parts.flatMap { Digest.md5($0) })))-\(parts.count)"
        var object = StoredObject(
            bucket: "uploads", key: "\(id)/original", blob: blobs[0], size: Int64(parts.reduce(0) { $0 + $1.count }),
            etag: etag ?? usual, contentType: "video/mp4", createdAt: clock.now)
        if parts.count > 1 { object.ownSize = Int64(parts[0].count) }
        var pieces: [ObjectPiece] = []
        var start = Int64(parts[0].count)
        for (blob, part) in zip(blobs, parts).dropFirst() {
            pieces.append(ObjectPiece(start: start, blob: blob, size: Int64(part.count)))
            start += Int64(part.count)
        }
        try await put(object, pieces, status)
        return object
    }

    private func put(_ object: StoredObject, _ pieces: [ObjectPiece], _ status: VideoStatus) async throws {
        let (id, now) = (String(object.key.prefix { $0 != "/" }), clock.now)
        try await catalog.write { transaction in
            if try transaction.video(id: id) == nil {
                var video = Video(
                    id: id, ownerId: "o", ownerName: "O", title: "t", fileName: "f", contentType: "video/mp4",
                    uploadKey: object.key, declaredSize: object.size, visibility: .public, createdAt: now)
                video.status = status
                try transaction.insert(video)
                try transaction.save(video)
            }
            try transaction.put(object)
            try transaction.insert(pieces, ofObjectWithBlob: object.blob)
        }
    }

    /// Gives the video of `object` a job in a state.
    func addJob(for object: StoredObject, _ state: Job.State) async throws {
        let id = String(object.key.prefix { $0 != "/" })
        var job = Job(
            id: "transcode-\(id)", videoId: id, ownerId: "o",
            source: Job.Source(bucket: object.bucket, key: object.key, size: object.size, etag: object.etag),
            createdAt: clock.now)
        job.state = state
        try await catalog.write { [job] transaction in
            try transaction.insert(job)
            try transaction.save(job)
        }
    }

    func age() { clock.advance(seconds: Bench.days * Bench.day) }

    func state(_ object: StoredObject) async throws -> ArchivedSource.State? {
        try await catalog.read { try $0.archivedSource(blob: object.blob)?.state }
    }

    func ask(_ object: StoredObject, days: Int? = nil) async throws -> SourceRestores.Answer {
        let (restores, now) = (restores, clock.now)
        return try await catalog.write { try restores.ask(for: object.blob, days: days, now: now, in: $0) }
    }

    /// Puts everything where it belongs, without a fault.
    func settle() async throws {
        try await archiver().goOn()
        try await archiver().archiveUntouched()
        while try await restorer().step() > 0 {}
    }

    /// Archives what is untouched, and nothing of it is left outside.
    func archiveAll() async throws {
        try await archiver().archiveUntouched()
        while try await restorer().step() > 0 {}
    }

    /// All bytes of an object that can be read.
    func bytes(_ object: StoredObject) async throws -> [UInt8] {
        let collected = Mutex<[UInt8]>([])
        try await ObjectBytes(of: object, in: hot, catalog).read(0..<object.size) { piece in
            collected.withLock { $0 += piece }
        }
        return collected.withLock { $0 }
    }

    func names(in store: any BlobStore) async throws -> Set<String> {
        Set(try await store.names(writtenBefore: .max, after: "", limit: 999))
    }

    /// Deletes the object and what the reclaim list and the sweeps find then.
    func deleteForGood(_ object: StoredObject) async throws {
        let discarded = try await catalog.write { transaction in
            _ = try transaction.deleteObject(bucket: object.bucket, key: object.key)
            return try transaction.discardedBlobs(limit: 99)
        }
        for blob in discarded { try await hot.delete(blob) }
        try await archiver().sweepOrphans(olderThanSeconds: -(1 << 40))
    }
}
