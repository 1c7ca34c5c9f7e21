import Catalog
import Jobs
import MediaPlan
import ObjectStore
import Presentation
import TestKit
import Testing

@testable import Publishing

@Suite struct PublisherTests {
    @Test func `nothing is published before a player could begin, then everything at once`() async throws {
        try await withPublisher { bench in
            try await bench.planned()
            let (pictures, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(pictures, [(0, 1)])
            try await bench.publisher.publishDue()
            #expect(try await bench.playlist("index.m3u8") == nil)
            #expect(try await bench.video()?.playable == false)
            try await bench.commit(sound, [(2, 1)])
            try await bench.publisher.publishDue()
            let multivariant = try #require(try await bench.playlist("index.m3u8"))
            #expect(multivariant.contains("360p/index.m3u8") && multivariant.contains("audio/index.m3u8"))
            #expect(!multivariant.contains("720p"))
            let list = try #require(try await bench.playlist("360p/index.m3u8"))
            #expect(list.segments == ["00001.m4s"] && list.contains("#EXT-X-PLAYLIST-TYPE:EVENT"))
            let video = try await bench.video()
            #expect(video?.playable == true && video?.renditions.map(\.name) == ["360p", "audio"])
        }
    }

    @Test func `a playlist is stored as a PUT would store it`() async throws {
        try await withPublisher { bench in
            try await bench.begun()
            let object = try #require(try await bench.object("index.m3u8"))
            #expect(object.contentType == "application/vnd.apple.mpegurl")
            #expect(object.headers == ["cache-control": "public, max-age=1"])
            #expect(object.metadata == ["cache-tag": "video:v"])
            let text = try #require(try await bench.playlist("index.m3u8"))
            #expect(object.size == Int64(text.utf8.count) && object.etag.utf8.count == 32)
        }
    }

    @Test func `only lists that have grown are written again, and no more often than the pace allows`() async throws {
        try await withPublisher { bench in
            let (pictures, _) = try await bench.begun()
            let sound = try await bench.object("audio/index.m3u8")
            try await bench.commit(pictures, [(0, 2)])
            let next = try await bench.publisher.publishDue()
            #expect(next == 1_000_250)
            #expect(try await bench.playlist("360p/index.m3u8")?.segments.count == 1)
            bench.clock.advance(milliseconds: 250)
            #expect(try await bench.publisher.publishDue() == nil)
            #expect(try await bench.playlist("360p/index.m3u8")?.segments.count == 2)
            #expect(try await bench.object("audio/index.m3u8") == sound)
            // A size that begins has to be in the list of variants.
            try await bench.commit(pictures, [(1, 1)])
            bench.clock.advance(milliseconds: 250)
            try await bench.publisher.publishDue()
            #expect(try await bench.playlist("index.m3u8")?.contains("720p/index.m3u8") == true)
        }
    }

    @Test func `when all units are done the lists are final, and only then the check waits`() async throws {
        try await withPublisher { bench in
            try await bench.finished()
            #expect(try await bench.jobs.lease(WorkerOffer(workerId: "w"), wait: .zero) == nil)
            try await bench.publisher.publishDue()
            let list = try #require(try await bench.playlist("720p/index.m3u8"))
            #expect(list.contains("#EXT-X-PLAYLIST-TYPE:VOD") && list.contains("#EXT-X-ENDLIST"))
            #expect(list.segments == ["00001.m4s", "00002.m4s"])
            let object = try #require(try await bench.object("720p/index.m3u8"))
            #expect(object.headers["cache-control"] == "public, max-age=3600, stale-if-error=86400")
            let video = try await bench.video()
            #expect(video?.progress == 0.99 && video?.status == .transcoding && video?.durationSeconds == 12)
            // 2,000 bytes in 6 s, measured, with 3,000 of sound beside them.
            #expect(video?.renditions.map(\.bandwidth) == [1_334, 2_667, 4_000])
            let finish = try await bench.leased()
            #expect(finish.unit.kind == .finish && finish.unit.number == 3)
            _ = try await bench.jobs.complete(finish.report, .checked(report: "{}"))
            #expect(try await bench.video()?.status == .ready)
            #expect(try await bench.video()?.progress == 1)
        }
    }

    @Test func `the lists of an encrypted video name its key, growing and final alike`() async throws {
        try await withPublisher { bench in
            try await bench.planned(options: VideoOptions(encryption: .aes128))
            let (pictures, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(pictures, [(0, 1)])
            try await bench.commit(sound, [(2, 1)])
            try await bench.publisher.publishDue()
            let key = "#EXT-X-KEY:METHOD=AES-128,URI=\"../content.key\"\n"
            #expect(try await bench.playlist("360p/index.m3u8")?.contains(key) == true)
            // One that knows nothing of what was published before.
            bench.clock.advance(milliseconds: 250)
            try await bench.commit(pictures, [(0, 2)])
            try await bench.otherPublisher().publishDue()
            let list = try #require(try await bench.playlist("360p/index.m3u8"))
            #expect(list.contains(key) && list.segments.count == 2)
            #expect(try await bench.playlist("audio/index.m3u8")?.contains(key) == true)
        }
    }

    @Test func `whoever knows less of the variants leaves the list of them alone`() async throws {
        try await withPublisher { bench in
            try await bench.begun()
            let job = try #require(try await bench.catalog.read { try $0.job(id: "transcode-v") })
            let old = try await bench.catalog.read { try $0.renditionAccounts(jobId: job.id) }
            // Another origin has published the larger size meanwhile.
            try await bench.catalog.write { transaction in
                var larger = old[1]
                larger.publishedSegments = 1
                try transaction.save(larger, jobId: job.id)
            }
            let publication = try #require(Publication.ofSmallSizeAlone(job, old))
            await #expect(throws: Publication.Stale.self) {
                try await bench.catalog.write { try publication.enter($0, now: 1) }
            }
        }
    }

    @Test func `final lists are published once, whoever else tries`() async throws {
        try await withPublisher { bench in
            try await bench.finished()
            let other = bench.otherPublisher()
            async let first = bench.publisher.publishDue()
            async let second = other.publishDue()
            _ = try await (first, second)
            let units = try await bench.catalog.read { try $0.units(jobId: "transcode-v") }
            #expect(units.map(\.kind) == [.probe, .pictures, .sound, .finish])
            let kept = try await bench.catalog.read { try $0.objects(bucket: "media", prefix: "", from: "", limit: 99) }
            let blobs = try await bench.blobs.names(writtenBefore: .max, after: "", limit: 99)
            let discarded = try await bench.catalog.read { try $0.discardedBlobs(limit: 99) }
            // Whoever came second has left nothing behind.
            let lists = kept.map(\.blob).filter { !$0.hasPrefix("segment") }
            #expect(Set(blobs) == Set(lists + discarded.filter { !$0.hasPrefix("segment") }))
            #expect(lists.count == 4)
        }
    }

    @Test func `a publisher that starts later goes on from what is stored`() async throws {
        try await withPublisher { bench in
            let (pictures, _) = try await bench.begun()
            try await bench.commit(pictures, [(0, 2), (1, 1)])
            let other = bench.otherPublisher()
            try await other.publishDue()
            #expect(try await bench.playlist("360p/index.m3u8")?.segments.count == 2)
            bench.clock.advance(milliseconds: 250)
            #expect(try await bench.publisher.publishDue() == nil)
        }
    }

    @Test func `a hole where all work is done gives the job up, and a retry fills it`() async throws {
        try await withPublisher { bench in
            try await bench.planned()
            let (pictures, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(sound, [(2, 1), (2, 2)])
            _ = try await bench.jobs.complete(sound.report, .made)
            // The unit broke off before its first picture, and said that it was done.
            _ = try await bench.jobs.complete(pictures.report, .made)
            try await bench.publisher.publishDue()
            let video = try await bench.video()
            #expect(video?.status == .failed && video?.failure?.detail.contains("segment 1 of 360p") == true)
            #expect(try await bench.jobs.retry(jobId: "transcode-v") == true)
            let again = try await bench.leased()
            #expect(again.unit.number == 1)
            try await bench.commit(again, [(0, 1), (0, 2), (1, 1), (1, 2)])
            _ = try await bench.jobs.complete(again.report, .made)
            try await bench.publisher.publishDue()
            #expect(try await bench.leased().unit.kind == .finish)
        }
    }

    @Test func `spans that are mostly damaged are given up together, though each was shown to be made`() async throws {
        for (broken, isGivenUp) in [(51, true), (50, false)] {
            try await withPublisher { bench in
                try await bench.finished(notes: "{\"packets\":100,\"brokenPackets\":\(broken)}")
                try await bench.publisher.publishDue()
                let video = try await bench.video()
                #expect((video?.status == .failed) == isGivenUp)
                #expect(video?.failure?.detail.hasPrefix("51 of 100") == (isGivenUp ? true : nil))
            }
        }
    }

    @Test func `what an old upload had is never published for the new one`() async throws {
        try await withPublisher { bench in
            let (pictures, _) = try await bench.begun()
            let failure = VideoFailure(reason: "r", detail: "d")
            _ = try await bench.jobs.fail(pictures.report, failure, retryable: false)
            try await bench.catalog.write { transaction in
                try transaction.append(
                    ObjectEvent(
                        name: "ObjectCreated:Put", bucket: "uploads", key: "v/original", size: 11, etag: "new",
                        requestId: "r", createdAt: 1))
            }
            try await bench.jobs.dispatchObjectEvents()
            #expect(try await bench.playlist("index.m3u8") == nil)
            let probe = try await bench.leased()
            _ = try await bench.jobs.complete(probe.report, .planned(Bench.plan(segments: 1)))
            bench.clock.advance(milliseconds: 250)
            let (again, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(again, [(1, 1)])
            try await bench.commit(sound, [(2, 1)])
            try await bench.publisher.publishDue()
            #expect(try await bench.playlist("720p/index.m3u8")?.segments == ["00001.m4s"])
            #expect(try await bench.playlist("360p/index.m3u8") == nil)
        }
    }

    @Test func `a commit wakes the publisher, and the publisher whoever watches the video`() async throws {
        try await withPublisher { bench in
            let running = Task { await bench.publisher.run() }
            defer { running.cancel() }
            try await bench.planned()
            let (pictures, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(pictures, [(0, 1)])
            try await bench.commit(sound, [(2, 1)])
            #expect(try await eventually { try await bench.video()?.playable == true })
        }
    }
}

extension Bench {
    /// The first segments of the small size and the sound, published.
    @discardableResult
    func begun() async throws -> (UnitLease, UnitLease) {
        try await planned()
        let (pictures, sound) = (try await leased(), try await leased())
        try await commit(pictures, [(0, 1)])
        try await commit(sound, [(2, 1)])
        try await publisher.publishDue()
        return (pictures, sound)
    }

    /// All units done, nothing published.
    func finished(notes: String? = nil) async throws {
        try await planned()
        try await made(notes: notes)
    }

    /// Does all the work that is planned for two segments.
    func made(notes: String? = nil) async throws {
        let (pictures, sound) = (try await leased(), try await leased())
        try await commit(pictures, [(0, 1), (0, 2), (1, 1), (1, 2)])
        try await commit(sound, [(2, 1), (2, 2)])
        _ = try await jobs.complete(pictures.report, .made, notes: notes)
        _ = try await jobs.complete(sound.report, .made)
    }
}

extension Publication {
    /// What a publisher would write that knows of the small size and the sound, and of nothing that is published.
    fileprivate static func ofSmallSizeAlone(_ job: Job, _ accounts: [RenditionAccount]) -> Publication? {
        let plan = Bench.plan(segments: 2)
        var presentation = Presentation(outline: plan.outline)
        for rendition in [0, 2] {
            _ = presentation.add(
                StoredSegment(
                    rendition: rendition, number: 1, bytes: 1, durationMicroseconds: 6_000_000,
                    sha256: String(repeating: "a", count: 64)))
        }
        var unpublished = accounts
        for index in unpublished.indices { unpublished[index].publishedSegments = 0 }
        return Publication(
            PublishedCopy(generation: 1, presentation: presentation), of: job, unpublished, isFinal: false)
    }
}
