import Catalog
import JSON
import TestKit
import Testing

@testable import Webhooks

@Suite struct WebhookNewsTests {
    @Test func `what becomes of a video is told once, and only what a webhook wants to hear`() async throws {
        let bench = try Bench()
        let all = try await bench.make().webhook
        let ready = try await bench.make(events: [.ready]).webhook
        try await bench.change { $0.status = .transcoding }
        try await bench.change { $0.playable = true }
        try await bench.change { $0.progress = 0.5 }
        bench.clock.advance(seconds: 1)
        try await bench.change { $0.status = .ready }
        try await bench.change { $0.title = "Another" }
        let told = try await bench.deliveries(all)
        #expect(Set(told.map(\.event)) == ["video.playable", "video.ready"])
        #expect(try await bench.deliveries(ready).map(\.event) == ["video.ready"])
        // One event has one id, whoever is told.
        let ids = told.filter { $0.event == "video.ready" }.map(\.eventId)
        #expect(try await bench.deliveries(ready).map(\.eventId) == ids)
    }

    @Test func `a failure is told with its reason, and once more when the video fails again`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        for _ in 0..<2 {
            try await bench.change { video in
                video.status = .failed
                video.failure = VideoFailure(reason: "broken", detail: "signal 11")
            }
            try await bench.change { $0.status = .queued }
        }
        let told = try await bench.deliveries(webhook)
        #expect(told.map(\.event) == ["video.failed", "video.failed"])
        let data = try #require(told[0].payload.said("data"))
        #expect(data["videoId"] == "v" && data["status"] == "failed" && data["ownerId"] == "anna")
        #expect(data["failure"] == ["reason": "broken", "detail": "signal 11"])
        #expect(told[0].payload.said("type") == "video.failed")
    }

    @Test func `everybody hears of their own videos, and those of all of every one`() async throws {
        let bench = try Bench()
        let anna = try await bench.make(of: "anna").webhook
        let ben = try await bench.make(of: "ben").webhook
        let admin = try await bench.make(of: "admin", scope: .all).webhook
        try await bench.change("a", of: "anna") { $0.playable = true }
        try await bench.change("b", of: "ben") { $0.playable = true }
        #expect(try await bench.deliveries(anna).map { $0.payload.said("data")?["videoId"] } == ["a"])
        #expect(try await bench.deliveries(ben).map { $0.payload.said("data")?["videoId"] } == ["b"])
        #expect(try await bench.deliveries(admin).count == 2)
    }

    @Test func `a change that does not happen is not told`() async throws {
        struct Stop: Error {}
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        try await bench.change { $0.status = .transcoding }
        await #expect(throws: Stop.self) {
            try await bench.catalog.write { transaction in
                guard var video = try transaction.video(id: "v") else { return }
                video.playable = true
                try transaction.saveAndTell(video, now: 1)
                throw Stop()
            }
        }
        #expect(try await bench.deliveries(webhook).isEmpty)
        #expect(try await bench.depth.waiting == 0)
    }

    @Test func `a disabled webhook is told nothing`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        var change = Webhooks.Change()
        change.isEnabled = false
        _ = try await bench.webhooks.change(id: webhook.id, of: "anna", change)
        try await bench.change { $0.playable = true }
        #expect(try await bench.deliveries(webhook).isEmpty)
    }
}
