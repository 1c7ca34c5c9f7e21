import Catalog
import Jobs
import Library
import Telemetry
import TestKit
import Testing

@Suite struct TrashKeeperTests {
    private struct Bench {
        let folder = TemporaryDirectory()
        let clock = ManualClock()
        let catalog: SQLiteCatalog
        let trash = VideoTrash(media: PublishedMedia(bucket: "media"), uploadBucket: "uploads")

        init() throws { catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite")) }

        func keeper(days: Int) -> TrashKeeper {
            TrashKeeper(
                catalog: catalog, trash: trash, days: days, now: { [clock] in clock.now },
                logger: Logger(label: "library", sink: MemorySink()))
        }

        /// A video with an upload and two files of media.
        func add(_ id: String) async throws {
            let now = clock.now
            try await catalog.write { transaction in
                try transaction.insert(
                    Video(
                        id: id, ownerId: "o", ownerName: "O", title: "t", fileName: "f", contentType: "video/mp4",
                        uploadKey: "\(id)/original", declaredSize: 1, visibility: .public, createdAt: now))
                for (bucket, key) in [
                    ("uploads", "\(id)/original"), ("media", "media/\(id)/index.m3u8"),
                    ("media", "media/\(id)/download/360p.mp4"),
                ] {
                    try transaction.put(
                        StoredObject(
                            bucket: bucket, key: key, blob: "\(bucket)-\(key)", size: 1, etag: "e", contentType: "x",
                            createdAt: now))
                }
            }
        }

        func put(_ id: String) async throws {
            let now = clock.now
            try await catalog.write { [trash] transaction in
                guard let video = try transaction.video(id: id) else { return }
                try trash.put(video, now: now, in: transaction)
            }
        }

        func ids() async throws -> [String] {
            try await catalog.read { reader in try ["a", "b", "c"].filter { try reader.video(id: $0) != nil } }
        }
    }

    @Test func `what has been in the trash for its time is gone with its upload, its media and its downloads`()
        async throws
    {
        let bench = try Bench()
        for id in ["a", "b", "c"] { try await bench.add(id) }
        try await bench.put("a")
        bench.clock.advance(seconds: 86_400)
        try await bench.put("b")
        let keeper = bench.keeper(days: 30)
        bench.clock.advance(seconds: 29 * 86_400 - 1)
        #expect(try await keeper.empty() == 0)
        bench.clock.advance(seconds: 1)
        #expect(try await keeper.empty() == 1)
        #expect(try await bench.ids() == ["b", "c"])
        let blobs = try await bench.catalog.read { try $0.discardedBlobs(limit: 9) }
        #expect(
            Set(blobs) == ["uploads-a/original", "media-media/a/index.m3u8", "media-media/a/download/360p.mp4"])
        #expect(try await keeper.empty() == 0, "again is nothing")
        bench.clock.advance(seconds: 86_400)
        #expect(try await keeper.empty() == 1)
        #expect(try await bench.ids() == ["c"])
    }

    @Test func `what had come of an upload in parts and of an import goes too`() async throws {
        let bench = try Bench()
        try await bench.add("a")
        let now = bench.clock.now
        try await bench.catalog.write { [trash = bench.trash] transaction in
            for (id, blob) in [("u", "part"), ("i", "fetched")] {
                let object = StoredObject(
                    bucket: "uploads", key: "a/original", blob: "", size: 0, etag: "", contentType: "x",
                    createdAt: now)
                try transaction.insert(MultipartUpload(id: id, object: object))
                try transaction.save(
                    UploadPart(number: 1, blob: blob, size: 1, etag: "e", createdAt: now), of: id)
            }
            try transaction.insert(
                VideoImport(id: "i", videoId: "a", ownerId: "o", url: "https://files.test/", createdAt: now))
            guard let video = try transaction.video(id: "a") else { return }
            try trash.deleteForGood(video, now: now, in: transaction)
        }
        let blobs = try await bench.catalog.read { try $0.discardedBlobs(limit: 9) }
        #expect(Set(blobs).isSuperset(of: ["part", "fetched"]))
        #expect(try await bench.catalog.read { try $0.upload(id: "u") == nil && $0.videoImport(id: "i") == nil })
    }

    @Test func `without a time everything stays`() async throws {
        let bench = try Bench()
        try await bench.add("a")
        try await bench.put("a")
        bench.clock.advance(seconds: 4_000 * 86_400)
        #expect(try await bench.keeper(days: 0).empty() == 0)
        #expect(try await bench.ids() == ["a"])
    }

    @Test func `putting and bringing back twice is doing it once`() async throws {
        let bench = try Bench()
        try await bench.add("a")
        try await bench.put("a")
        let since = try await bench.catalog.read { try $0.video(id: "a")?.deletedAt }
        bench.clock.advance(seconds: 60)
        try await bench.put("a")
        #expect(try await bench.catalog.read { try $0.video(id: "a")?.deletedAt } == since)
        for _ in 0..<2 {
            let now = bench.clock.now
            try await bench.catalog.write { [trash = bench.trash] transaction in
                guard let video = try transaction.video(id: "a") else { return }
                _ = try trash.restore(video, now: now, in: transaction)
            }
        }
        let keys = try await bench.catalog.read {
            try $0.objects(bucket: "media", prefix: "media/a/", from: "", limit: 9).map(\.key)
        }
        #expect(keys == ["media/a/download/360p.mp4", "media/a/index.m3u8"])
        #expect(try await bench.keeper(days: 1).empty() == 0)
    }
}
