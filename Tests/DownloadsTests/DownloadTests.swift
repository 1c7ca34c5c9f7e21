import CMAF
import Catalog
import Downloads
import EventLoop
import Jobs
import ObjectStore
import Presentation
import Synchronization
import TestKit
import Testing

@Suite struct DownloadTests {
    @Test func `a video that is ready gets a file of each size with the default sound`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            #expect(try await bench.maker().makeDue() == nil)
            let downloads = try await bench.downloads()
            #expect(downloads.map(\.height) == [360, 720])
            #expect(downloads.map(\.key) == ["media/v/download/360p.mp4", "media/v/download/720p.mp4"])
            let file = try #require(try await bench.bytes("download/720p.mp4"))
            #expect(downloads[1].bytes == Int64(file.count))
            let boxes = try #require(Box.list(in: file, range: 0..<file.count))
            #expect(boxes.map(\.type) == ["ftyp", "moov", "mdat"])
            #expect(
                String(decoding: file[boxes[2].payload], as: UTF8.self) == "<720p 1><audio 1><720p 2><audio 2>")
            #expect(try MovieHeader(parsing: file).tracks.map(\.timescale) == [12_800, 48_000])
            #expect(try await bench.pending().isEmpty)
        }
    }

    @Test func `sizes in another codec are no files, since not every player of files takes them`() async throws {
        try await withDownloads { bench in
            let sizes = ["hevc-720p", "hevc-1440p"].map { name in
                RenditionOutline(
                    name: name, content: .video(width: 2560, height: 1440, frameRateThousandths: 25_000),
                    codec: "hvc1.1.6.L150.90", declaredPeak: 9, declaredAverage: 8)
            }
            try await bench.ready(Bench.renditions.prefix(2) + sizes + Bench.renditions.suffix(2))
            try await bench.maker().makeDue()
            #expect(try await bench.downloads().map(\.height) == [360, 720])
        }
    }

    @Test func `a file takes no more room than its header`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            try await bench.maker().makeDue()
            let object = try #require(try await bench.object("download/720p.mp4"))
            let own = try await bench.blobs.open(object.blob)
            #expect(own.size == object.ownSize && own.size + 34 == object.size)
        }
    }

    @Test func `it is stored like a segment, and saved under the video's title`() async throws {
        try await withDownloads { bench in
            try await bench.ready(title: "Käse: 100 %")
            try await bench.maker().makeDue()
            let object = try #require(try await bench.object("download/720p.mp4"))
            #expect(object.contentType == "video/mp4" && object.metadata == ["cache-tag": "video:v"])
            #expect(
                object.headers == [
                    "cache-control": "public, max-age=31536000, immutable",
                    "content-disposition": "attachment; filename=\"K_se- 100 _ (720p).mp4\"; "
                        + "filename*=UTF-8''K%C3%A4se-%20100%20%25%20%28720p%29.mp4",
                ])
        }
    }

    @Test(arguments: [("film.mov", "film"), ("../../etc/passwd", "-..-etc-passwd"), ("...", "video"), ("a\"b", "a-b")])
    func `no title makes a name that is a path`(title: String, name: String) async throws {
        try await withDownloads { bench in
            try await bench.ready(title: title)
            try await bench.maker().makeDue()
            let field = try await bench.object("download/720p.mp4")?.headers["content-disposition"]
            #expect(field?.hasPrefix("attachment; filename=\"\(name) (720p).mp4\";") == true, "\(field ?? "none")")
        }
    }

    @Test func `an upright film is named by its short side, and needs no sound`() async throws {
        try await withDownloads { bench in
            let size = RenditionOutline(
                name: "540p", content: .video(width: 540, height: 960, frameRateThousandths: 25_000),
                codec: "avc1.64001e", declaredPeak: 9, declaredAverage: 8)
            try await bench.ready([size])
            try await bench.maker().makeDue()
            #expect(try await bench.downloads().map(\.height) == [540])
            let file = try #require(try await bench.bytes("download/540p.mp4"))
            #expect(try MovieHeader(parsing: file).tracks.count == 1)
        }
    }

    @Test func `sound alone has no files, and nothing waits for them`() async throws {
        try await withDownloads { bench in
            try await bench.ready([Bench.renditions[2]])
            try await bench.maker().makeDue()
            #expect(try await bench.downloads().isEmpty)
            #expect(try await bench.pending().isEmpty)
        }
    }

    @Test func `what is said of a segment's samples may be long`() async throws {
        try await withDownloads { bench in
            try await bench.ready([Bench.renditions[1]])
            let payloads = (0..<5_000).map { [UInt8(truncatingIfNeeded: $0)] }
            try await bench.store("720p/00002.m4s", Bench.segment(2, payloads))
            try await bench.maker().makeDue()
            let file = try #require(try await bench.bytes("download/720p.mp4"))
            #expect(file.suffix(5_000).elementsEqual(payloads.joined()))
        }
    }

    @Test func `sizes that are there are not made again`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            try await bench.maker().makeDue()
            let first = try await bench.object("download/360p.mp4")
            // As after a crash between the two files.
            try await bench.catalog.write { transaction in
                _ = try transaction.deleteObject(bucket: "media", key: "media/v/download/720p.mp4")
                try transaction.save(PendingDownloads(jobId: "transcode-v", now: 0))
            }
            try await bench.maker().makeDue()
            #expect(try await bench.object("download/360p.mp4") == first)
            #expect(try await bench.downloads().count == 2)
        }
    }

    @Test func `a segment that is missing is waited for, but not for ever`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            let maker = bench.maker()
            try await bench.catalog.write {
                _ = try $0.deleteObject(bucket: "media", key: "media/v/720p/00002.m4s")
            }
            for (attempt, seconds) in [5, 20, 80, 300].enumerated() {
                let next = try await maker.makeDue()
                let pending = try #require(try await bench.pending().first)
                #expect(pending.attempts == attempt + 1 && pending.availableAt == next)
                bench.clock.advance(seconds: seconds - 1)
                try await maker.makeDue()
                #expect(try await bench.pending().map(\.attempts) == [attempt + 1])
                bench.clock.advance(seconds: 1)
            }
            #expect(try await maker.makeDue() == nil)
            #expect(try await bench.pending().isEmpty)
            #expect(try await bench.downloads().map(\.height) == [360])
            let video = try await bench.catalog.read { try $0.video(id: "v") }
            #expect(video?.status == .ready)
            let failures = bench.events.withLock { $0 }.filter { if case .failed = $0 { true } else { false } }
            #expect(failures.count == 5)
        }
    }

    @Test func `a segment that comes late is no harm`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            try await bench.catalog.write {
                _ = try $0.deleteObject(bucket: "media", key: "media/v/720p/00002.m4s")
            }
            try await bench.maker().makeDue()
            try await bench.store("720p/00002.m4s", Bench.segment(2, [[1]]))
            bench.clock.advance(seconds: 5)
            try await bench.maker().makeDue()
            #expect(try await bench.downloads().map(\.height) == [360, 720])
            #expect(try await bench.pending().isEmpty)
        }
    }

    @Test func `a segment that is none is not tried again`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            try await bench.store("720p/00002.m4s", Array("no segment at all".utf8))
            #expect(try await bench.maker().makeDue() == nil)
            #expect(try await bench.pending().isEmpty)
            #expect(try await bench.downloads().map(\.height) == [360])
        }
    }

    @Test func `nothing is made of a video that is deleted meanwhile, and no bytes stay behind`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            let store = InterruptedStore(base: bench.blobs) {
                try await bench.catalog.write { transaction in
                    _ = try transaction.deleteVideo(id: "v")
                    _ = try transaction.deleteObjects(bucket: "media", prefix: "media/v/")
                }
            }
            try await bench.maker(writingTo: store).makeDue()
            #expect(try await bench.downloads().isEmpty)
            #expect(try await bench.pending().isEmpty)
            let discarded = Set(try await bench.catalog.read { try $0.discardedBlobs(limit: 99) })
            let blobs = Set(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 99))
            #expect(blobs == discarded)
        }
    }

    @Test func `a file of work that has begun anew is not shown`() async throws {
        try await withDownloads { bench in
            try await bench.ready()
            let store = InterruptedStore(base: bench.blobs) {
                try await bench.catalog.write { transaction in
                    var job = try #require(try transaction.job(id: "transcode-v"))
                    job.generation += 1
                    try transaction.save(job)
                }
            }
            try await bench.maker(writingTo: store).makeDue()
            #expect(try await bench.downloads().isEmpty)
            bench.clock.advance(seconds: 5)
            try await bench.maker().makeDue()
            #expect(try await bench.downloads().count == 2)
        }
    }

    @Test func `a finished video wakes the maker`() async throws {
        try await withDownloads { bench in
            let maker = bench.maker()
            let running = Task { await maker.run() }
            defer { running.cancel() }
            try await bench.ready()
            bench.jobs.finishes.ring()
            for _ in 0..<10 {
                let rings = bench.said.rings
                if try await bench.downloads().count == 2 { break }
                await bench.said.wait(after: rings, upTo: .seconds(5))
            }
            #expect(try await bench.downloads().count == 2)
            running.cancel()
            await running.value
        }
    }
}

/// A store in which something else happens before each new blob.
private final class InterruptedStore: BlobStore {
    private let base: any BlobStore
    private let interruption: @Sendable () async throws -> Void

    init(base: any BlobStore, _ interruption: @escaping @Sendable () async throws -> Void) {
        self.base = base
        self.interruption = interruption
    }

    func create(expectedSize: Int64?) async throws -> any BlobWriter {
        try await interruption()
        return try await base.create(expectedSize: expectedSize)
    }

    func create(named name: String, expectedSize: Int64?) async throws -> any BlobWriter {
        try await base.create(named: name, expectedSize: expectedSize)
    }

    func open(_ name: String) async throws -> any BlobReader { try await base.open(name) }

    func share(_ names: [String]) async throws -> [String] { try await base.share(names) }

    func delete(_ name: String) async throws { try await base.delete(name) }

    func names(writtenBefore epochSeconds: Int64, after start: String, limit: Int) async throws -> [String] {
        try await base.names(writtenBefore: epochSeconds, after: start, limit: limit)
    }
}
