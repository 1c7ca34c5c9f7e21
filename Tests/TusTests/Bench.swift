import Catalog
import EventLoop
import Library
import ObjectStore
import Objects
import Synchronization
import TestKit
import Testing
import Tus
import TusWire

/// Uploads over a catalog and a store of their own.
final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let blobs: FileBlobStore
    let uploads: TusUploads
    let clock = ManualClock(milliseconds: 1_795_000_000_000)
    /// How often a file was announced.
    let stored = Announcements()
    private let folder = TemporaryDirectory()

    final class Announcements: Sendable {
        let count = Mutex(0)
    }

    init(maximumBytes: Int64 = 16 << 20, quotas: Quotas = Quotas()) throws {
        let (clock, stored) = (clock, stored)
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        blobs = try FileBlobStore(
            directory: folder.file("objects"), pool: try BlockingPool(name: "blobs", threads: 1, queueLimit: 256),
            minimumFreeBytes: 0)
        uploads = TusUploads(
            catalog: catalog, blobs: blobs, quotas: quotas,
            place: TusPlace(bucket: "uploads", region: "r", maximumBytes: maximumBytes) {
                stored.count.withLock { $0 += 1 }
            }, now: { clock.now })
    }

    func video(_ id: String, size: Int64 = 0) -> Video {
        Video(
            id: id, ownerId: "anna", ownerName: "A", title: "T", fileName: "f", contentType: "video/mp4",
            uploadKey: "\(id)/original", declaredSize: size, visibility: .private, createdAt: clock.now)
    }

    /// Begins the upload of a video's file and returns its id.
    func begin(_ video: String = "v", length: Int64?) async throws -> String {
        try await uploads.begin(self.video(video, size: length ?? 0), of: "anna", length: length, metadata: "m")
            .upload.id
    }

    /// Sends bytes at once, without saying how many they are unless there are none; returns how many are there then.
    @discardableResult
    func send(
        _ bytes: some Sequence<UInt8>, at offset: Int64, to id: String, length: Int64? = nil, checksum: String? = nil
    ) async throws -> Int64 {
        let pieces = [Array(bytes)].filter { !$0.isEmpty }
        let body = Body(pieces: pieces)
        let delivery = TusDelivery(
            offset: offset, length: length, count: pieces.isEmpty ? 0 : nil,
            checksum: try checksum.map { try UploadChecksum($0) })
        return try await uploads.append(body, delivery, to: id, ownerId: "anna").offset
    }

    func offset(of id: String) async throws -> Int64 { try await uploads.status(of: id, ownerId: "anna").offset }

    /// What a video's file holds; nil while there is none.
    func file(_ video: String = "v") async throws -> [UInt8]? {
        guard let object = try await catalog.read({ try $0.object(bucket: "uploads", key: "\(video)/original") }) else {
            return nil
        }
        var collected: [UInt8] = []
        try await ObjectBytes(of: object, in: blobs, catalog).read(0..<object.size) { collected += $0 }
        return collected
    }

    func events() async throws -> [ObjectEvent] {
        try await catalog.read { try $0.visibleMessages(in: .objectEvents, group: "", now: .max, limit: 9) }
            .map { try ObjectEvent(document: $0.body) }
    }

    /// Blobs on the disk that no row names, but for those that are to be deleted.
    func orphans() async throws -> [String] {
        let names = try await blobs.names(writtenBefore: .max, after: "", limit: 1_000)
        return try await catalog.read { reader in try names.filter { try !reader.knowsBlob($0) } }
    }

    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    }
}

/// A body in pieces, which may break off behind them, or never end.
struct Body: AsyncSequence, Sendable {
    enum End { case whole, broken, silent }

    struct BrokenOff: Error {}

    var pieces: [[UInt8]]
    var end = End.whole
    /// Hears that all pieces were taken and nothing more comes.
    var whenSilent: @Sendable () -> Void = {}

    struct AsyncIterator: AsyncIteratorProtocol {
        var pieces: [[UInt8]]
        let end: End
        let whenSilent: @Sendable () -> Void

        mutating func next() async throws -> [UInt8]? {
            if !pieces.isEmpty { return pieces.removeFirst() }
            switch end {
            case .whole: return nil
            case .broken: throw BrokenOff()
            case .silent:
                whenSilent()
                try await Task.sleep(for: .seconds(600))
                return nil
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: pieces, end: end, whenSilent: whenSilent) }
}
