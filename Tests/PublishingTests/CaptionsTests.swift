import Catalog
import ContentKeys
import Crypto
import Jobs
import MediaPlan
import ObjectStore
import Presentation
import Synchronization
import TestKit
import Testing
import WebVTT

@testable import Publishing

@Suite struct CaptionsTests {
    /// Prefixes that caches were told to forget.
    private final class Forgotten: Sendable {
        let prefixes = Mutex<[String]>([])
    }

    private let forgotten = Forgotten()

    private func captions(_ bench: Bench) -> Captions {
        Captions(
            catalog: bench.catalog, blobs: bench.blobs, jobs: bench.jobs,
            forget: { [forgotten] prefixes, _ in forgotten.prefixes.withLock { $0 += prefixes } }, announce: {},
            now: { bench.clock.now })
    }

    private func new(_ text: String = "Hello", language: String = "de", name: String? = nil) throws -> Captions.New {
        let file = "WEBVTT\n\n00:05.000 --> 00:07.000\n\(text)\n"
        return Captions.New(
            language: language, kind: .subtitles, name: name, file: try CaptionFile(Array(file.utf8), .webVTT))
    }

    private func folder(_ bench: Bench, _ language: String = "de") async throws -> String {
        let found = try await bench.catalog.read { try $0.captions(videoId: "v") }
        return try #require(found.first { $0.language == language }?.folder)
    }

    @Test func `captions of a video that is not whole yet come with its final playlists`() async throws {
        try await withPublisher { bench in
            try await bench.planned()
            #expect(try await captions(bench).put(new(), videoId: "v"))
            #expect(try await captions(bench).list(videoId: "v").map(\.isPublished) == [false])
            try await bench.published()
            #expect(try await captions(bench).list(videoId: "v").map(\.isPublished) == [true])
            let folder = try await folder(bench)
            let list = try #require(try await bench.playlist("index.m3u8"))
            #expect(list.contains("URI=\"\(folder)/index.m3u8\"") && list.contains("LANGUAGE=\"de\""))
            #expect(list.contains("SUBTITLES=\"subtitles\"") && list.contains("wvtt"))
            let texts = try #require(try await bench.playlist("\(folder)/index.m3u8"))
            #expect(texts.contains("#EXT-X-PLAYLIST-TYPE:VOD") && texts.contains("00001.vtt"))
            // The text is shown across the boundary of two segments, so both have it.
            for number in ["00001", "00002"] {
                let segment = try #require(try await bench.playlist("\(folder)/\(number).vtt"))
                #expect(segment == CueList.header + "\n00:00:05.000 --> 00:00:07.000\nHello\n")
            }
            let object = try #require(try await bench.object("\(folder)/00001.vtt"))
            #expect(object.contentType == "text/vtt" && object.metadata == ["cache-tag": "video:v"])
            #expect(object.headers == ["cache-control": "public, max-age=31536000, immutable"])
            #expect(forgotten.prefixes.withLock { $0 } == [])
        }
    }

    @Test func `captions of a whole video are there at once, replaced in one go, and gone when they are removed`()
        async throws
    {
        try await withPublisher { bench in
            try await bench.planned()
            try await bench.published()
            #expect(try await bench.playlist("index.m3u8")?.contains("SUBTITLES") == false)
            #expect(try await captions(bench).put(new(name: "Deutsch"), videoId: "v"))
            let first = try await folder(bench)
            #expect(try await bench.playlist("index.m3u8")?.contains("NAME=\"Deutsch\"") == true)
            #expect(try await captions(bench).put(new("Bye", language: "en"), videoId: "v"))
            #expect(try await folder(bench) == first, "others stay where they are")
            #expect(try await !captions(bench).put(new("Tschüss"), videoId: "v"), "it replaces")
            let second = try await folder(bench)
            #expect(second != first)
            #expect(try await bench.object("\(first)/00001.vtt") == nil)
            #expect(try await bench.playlist("\(second)/00001.vtt")?.contains("Tschüss") == true)
            let list = try #require(try await bench.playlist("index.m3u8"))
            #expect(!list.contains(first) && list.contains(second) && list.contains("LANGUAGE=\"en\""))
            #expect(
                forgotten.prefixes.withLock { $0.suffix(2) } == ["/media/v/index.m3u8", "/media/v/\(first)/"])
            for language in ["de", "en"] { try await captions(bench).delete(language: language, videoId: "v") }
            #expect(try await bench.playlist("index.m3u8")?.contains("SUBTITLES") == false)
            let left = try await bench.catalog.read {
                try $0.objects(bucket: "media", prefix: "media/v/captions", from: "", limit: 9)
            }
            #expect(left.isEmpty)
            await #expect(throws: Captions.Refusal.noCaptions) {
                try await captions(bench).delete(language: "de", videoId: "v")
            }
        }
    }

    @Test func `changes at the same time are all there`() async throws {
        try await withPublisher { bench in
            try await bench.planned()
            try await bench.published()
            let languages = ["da", "de", "en"]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for language in languages {
                    group.addTask { _ = try await captions(bench).put(new(language: language), videoId: "v") }
                }
                try await group.waitForAll()
            }
            let list = try #require(try await bench.playlist("index.m3u8"))
            for language in languages {
                #expect(list.contains("LANGUAGE=\"\(language)\""))
                let folder = try await folder(bench, language)
                #expect(try await bench.object("\(folder)/index.m3u8") != nil)
            }
        }
    }

    @Test func `a final publication that has missed a change is made again`() async throws {
        try await withPublisher { bench in
            try await bench.planned()
            let pieces = try await bench.catalog.read { try CaptionText.all(ofVideo: "v", in: $0) }
            try await bench.made()
            let job = try #require(try await bench.catalog.read { try $0.job(videoId: "v") })
            let (copy, accounts) = try await bench.catalog.read { reader in
                let accounts = try reader.renditionAccounts(jobId: job.id)
                var copy = PublishedCopy(
                    generation: job.generation, presentation: Presentation(outline: Bench.plan(segments: 2).outline))
                try copy.catchUp(job.id, accounts, in: reader)
                return (copy, accounts)
            }
            let none = try CaptionRenditions(pieces, of: "v", beside: copy.presentation, key: nil)
            let publication = try #require(Publication(copy, of: job, accounts, none, isFinal: true))
            _ = try await captions(bench).put(new(), videoId: "v")
            await #expect(throws: Publication.Stale.self) {
                try await bench.catalog.write { try publication.enter($0, now: 1) }
            }
            try await bench.publisher.publishDue()
            #expect(try await bench.playlist("index.m3u8")?.contains("LANGUAGE=\"de\"") == true)
        }
    }

    @Test func `captions of an encrypted video are encrypted as it is`() async throws {
        try await withPublisher { bench in
            try await bench.planned(options: VideoOptions(encryption: .aes128))
            try await bench.published()
            _ = try await captions(bench).put(new("secret"), videoId: "v")
            let folder = try await folder(bench)
            #expect(try await bench.playlist("\(folder)/index.m3u8")?.contains("METHOD=AES-128") == true)
            let object = try #require(try await bench.object("\(folder)/00002.vtt"))
            let stored = try await bench.blobs.open(object.blob).read(at: 0, count: Int(object.size))
            let key = try #require(
                try await bench.catalog.read { try bench.jobs.contentKeys.key(of: "v", in: $0) })
            let clear = try AESCBC.open(stored, key: key.bytes, vector: ContentKey.vector(number: 2))
            #expect(String(decoding: clear, as: UTF8.self).contains("secret"))
        }
    }

    @Test func `a video that is not there, or in the trash, has none, and none has too many`() async throws {
        try await withPublisher { bench in
            await #expect(throws: Captions.Refusal.noVideo) { try await captions(bench).put(new(), videoId: "v") }
            try await bench.planned()
            for number in 0..<Captions.maximumLanguages {
                _ = try await captions(bench).put(new(language: "x\(number)"), videoId: "v")
            }
            await #expect(throws: Captions.Refusal.tooMany) { try await captions(bench).put(new(), videoId: "v") }
            try await bench.catalog.write { transaction in
                guard var video = try transaction.video(id: "v") else { return }
                video.deletedAt = 1
                try transaction.save(video)
            }
            await #expect(throws: Captions.Refusal.noVideo) { try await captions(bench).put(new(), videoId: "v") }
        }
    }
}

extension Bench {
    /// Does all the work that is planned and publishes it.
    fileprivate func published() async throws {
        try await made()
        try await publisher.publishDue()
    }
}
