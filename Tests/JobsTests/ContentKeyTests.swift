import Catalog
import Jobs
import MediaPlan
import Presentation
import TestKit
import Testing

@Suite struct ContentKeyTests {
    private func insert(_ id: String, _ encryption: VideoOptions.Encryption, in bench: Bench) async throws {
        try await bench.catalog.write {
            try $0.insert(makeVideo(id, options: VideoOptions(encryption: encryption)))
        }
    }

    @Test func `all units of an encrypted video but its probe come with one key`() async throws {
        try await withQueue { bench in
            try await insert("v", .aes128, in: bench)
            let probe = try await bench.probing("v")
            #expect(probe.contentKey == nil)
            _ = try await bench.queue.complete(probe.report, .planned(makePlan()))
            let (first, second) = (try await bench.leased(), try await bench.leased())
            let key = try #require(first.contentKey)
            #expect(second.contentKey == key)
            // A unit that is done again gets the key of the segments that are stored.
            _ = try await bench.queue.fail(
                first.report, VideoFailure(reason: "r", detail: ""), retryable: true)
            bench.clock.advance(seconds: 10)
            let again = try await bench.leased()
            #expect(again.unit.number == first.unit.number && again.contentKey == key)
            #expect(bench.events.allSatisfy { !"\($0)".contains("\(key.bytes)") })
        }
    }

    @Test func `another upload has another key`() async throws {
        try await withQueue { bench in
            try await insert("v", .aes128, in: bench)
            try await bench.planned("v")
            let first = try await bench.leased()
            _ = try await bench.queue.fail(first.report, VideoFailure(reason: "r", detail: ""), retryable: false)
            try await bench.upload("v", etag: "other")
            try await bench.queue.dispatchObjectEvents()
            let probe = try await bench.leased()
            _ = try await bench.queue.complete(probe.report, .planned(makePlan()))
            let second = try await bench.leased()
            #expect(first.contentKey != nil && second.contentKey != nil && first.contentKey != second.contentKey)
        }
    }

    @Test func `a video in the clear has no key`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            #expect(try await bench.leased().contentKey == nil)
        }
    }

    @Test func `of an encrypted video no downloads are to be made`() async throws {
        try await withQueue { bench in
            try await insert("v", .aes128, in: bench)
            let finish = try await bench.finishing("v")
            #expect(finish.contentKey != nil)
            #expect(try await bench.queue.complete(finish.report, .checked(report: "{}")) == .accepted)
            #expect(try await bench.video("v")?.status == .ready)
            #expect(try await bench.catalog.read { try $0.pendingDownloads(limit: 9) }.isEmpty)
        }
    }

    @Test func `a key has one place, in the folder of its video`() {
        #expect(PublishedMedia.videoId(ofContentKey: "media/v/content.key") == "v")
        for key in [
            "media/v/360p/content.key", "media/content.key", "v/content.key", "media/v/content.key/",
            "/media/v/content.key",
            "media//content.key/x", "content.key", "",
        ] {
            #expect(PublishedMedia.videoId(ofContentKey: key) == nil, "\(key)")
        }
    }
}
