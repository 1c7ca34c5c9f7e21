import Catalog
import EventLoop
import Jobs
import Presentation
import TestKit
import Testing

@Suite struct JobQueueTests {
    private let failure = VideoFailure(reason: "disk", detail: "full")

    @Test func `an upload becomes one probe however often it is announced`() async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            #expect(try await bench.units("v").map(\.kind) == [.probe])
            #expect(try await bench.video("v")?.status == .queued)
            #expect(try await bench.queue.dispatchObjectEvents() == 0)
        }
    }

    @Test func `an upload of no video is dropped and holds nothing up`() async throws {
        try await withQueue { bench in
            try await bench.announce("stray")
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            #expect(bench.events.contains(.uploadIgnored(key: "stray")))
            #expect(try await bench.video("v")?.status == .queued)
        }
    }

    @Test func `an event that cannot be acted on holds nothing up, and is a dead letter in the end`() async throws {
        try await withQueue { bench in
            try await bench.catalog.write { transaction in
                _ = try transaction.send(to: .objectEvents, group: "", now: 1) { _ in "no JSON" }
            }
            for id in ["a", "b"] { try await bench.upload(id) }
            #expect(try await bench.queue.dispatchObjectEvents() == 3)
            for id in ["a", "b"] { #expect(try await bench.video(id)?.status == .queued) }
            var failures = 0
            while try await bench.catalog.read({ try $0.depth(of: .objectEvents, now: 0).dead }) == 0, failures < 20 {
                bench.clock.advance(seconds: 400)
                failures += try await bench.queue.dispatchObjectEvents()
            }
            #expect(failures == 9)
            let reason = "the message is no S3 notification"
            #expect(bench.events.count { $0 == .eventFailed(messageId: 1, reason: reason, isDead: false) } == 9)
            #expect(bench.events.last == .eventFailed(messageId: 1, reason: reason, isDead: true))
        }
    }

    @Test func `an event is acted on by one of two queues that receive it`() async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            let message = try #require(
                try await bench.catalog.write { transaction -> QueueMessage? in
                    let first = try transaction.visibleMessages(in: .objectEvents, group: "", now: 9, limit: 1)[0]
                    return try transaction.receive(first, hiddenUntil: bench.clock.now - 1)
                })
            // Whoever received it first was slow: the other one is acting on it now.
            #expect(try await bench.queue.dispatchObjectEvents() == 1)
            #expect(try await bench.catalog.write { try $0.delete(message) } == false)
            #expect(try await bench.units("v").count == 1)
        }
    }

    @Test func `a probe's plan becomes units that are leased in their order`() async throws {
        try await withQueue { bench in
            let probe = try await bench.probing("v")
            #expect((probe.unit.fence, probe.unit.attempts, probe.job.source.size, probe.plan) == (1, 1, 10, nil))
            #expect(try await bench.video("v")?.status == .probing)
            for expected in [JobOutcome.accepted, .repeated] {
                #expect(try await bench.queue.complete(probe.report, .planned(makePlan())) == expected)
            }
            let video = try await bench.video("v")
            #expect(video?.status == .transcoding && video?.durationSeconds == 18)
            #expect(video?.explain == #"{"decisions":[]}"#)
            var leased: [Int] = []
            while let lease = try await bench.lease() {
                leased.append(lease.unit.number)
                #expect(lease.plan?.media == #"{"preset":"veryfast"}"# && lease.stored.isEmpty)
                #expect(lease.unit.fence == Int64(leased.count + 1))
            }
            #expect(leased == [1, 2, 3, 4])
        }
    }

    @Test func `committed segments are progress, and the same ones again are not`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            let lease = try await bench.leased()
            try await bench.commit(lease, [makeSegment(0, 1)])
            let first = try #require(try await bench.video("v")?.progress)
            // A second of 640x360 costs a quarter of one of 1280x720, a second of sound a fiftieth.
            #expect(abs(first - 0.99 * 0.25 * 6 / (1.27 * 18)) < 1e-9)
            try await bench.commit(lease, [makeSegment(0, 1), makeSegment(0, 1)])
            #expect(try await bench.video("v")?.progress == first)
            try await bench.commit(lease, [makeSegment(1, 1)])
            #expect(try await bench.video("v")?.progress ?? 0 > first)
            let accounts = try await bench.catalog.read { try $0.renditionAccounts(jobId: lease.job.id) }
            #expect(accounts.map(\.runSegments) == [1, 1, 0])
        }
    }

    @Test func `segments that come out of order wait for those before them`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            let (_, sound) = (try await bench.leased(), try await bench.leased())
            for (number, run) in [(3, 0), (1, 1), (2, 3)] {
                try await bench.commit(sound, [makeSegment(2, number)])
                let accounts = try await bench.catalog.read { try $0.renditionAccounts(jobId: sound.job.id) }
                #expect(accounts[2].runSegments == run)
            }
        }
    }

    @Test func `what is no segment of the unit, differs or is not stored is refused, and nothing of the report counts`()
        async throws
    {
        try await withQueue { bench in
            try await bench.planned("v")
            let lease = try await bench.leased()
            try await bench.commit(lease, [makeSegment(0, 1)])
            let refusals: [([StoredSegment], UnitRefusal)] = [
                ([makeSegment(1, 1), makeSegment(1, 2)], .foreignSegment(index: 1)),
                ([makeSegment(2, 1)], .foreignSegment(index: 0)),
                ([makeSegment(1, 1), makeSegment(0, 1, hash: "b")], .segmentDiffers(rendition: "360p", number: 1)),
            ]
            for (segments, refusal) in refusals {
                await #expect(throws: refusal) { try await bench.commit(lease, segments) }
            }
            let absent = UnitRefusal.segmentNotStored(key: "media/v/720p/00001.m4s")
            await #expect(throws: absent) {
                _ = try await bench.catalog.write { try $0.deleteObjects(bucket: "media", prefix: "media/v/720p/") }
                _ = try await bench.queue.commit(lease.report, [makeSegment(1, 1)])
            }
            let stored = try await bench.catalog.read {
                try $0.segments(jobId: lease.job.id, rendition: 1, numbers: 1...9)
            }
            #expect(stored.isEmpty)
        }
    }

    @Test func `a unit with a gap is not done, one that breaks off is`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            let (_, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(sound, [makeSegment(2, 1), makeSegment(2, 3)])
            await #expect(throws: UnitRefusal.segmentsMissing(rendition: "audio", number: 2)) {
                _ = try await bench.queue.complete(sound.report, .made)
            }
            #expect(try await bench.queue.heartbeat(sound.report, progress: nil) == .accepted)
        }
        try await withQueue { bench in
            try await bench.planned("v")
            let (_, sound) = (try await bench.leased(), try await bench.leased())
            try await bench.commit(sound, [makeSegment(2, 1), makeSegment(2, 2)])
            #expect(try await bench.queue.complete(sound.report, .made) == .accepted)
        }
    }

    @Test func `a unit ends with what its kind ends with`() async throws {
        try await withQueue { bench in
            let probe = try await bench.probing("v")
            await #expect(throws: UnitRefusal.wrongResult(.probe)) {
                _ = try await bench.queue.complete(probe.report, .made)
            }
            _ = try await bench.queue.complete(probe.report, .planned(makePlan()))
            let pictures = try await bench.leased()
            await #expect(throws: UnitRefusal.wrongResult(.pictures)) {
                _ = try await bench.queue.complete(pictures.report, .checked(report: "{}"))
            }
        }
    }

    @Test func `an administrator brings a dead job back where it stopped, and only a dead one`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            #expect(try await bench.queue.retry(jobId: "transcode-v") == false)
            #expect(try await bench.queue.retry(jobId: "nobody") == nil)
            try await bench.make(try await bench.leased())
            let sound = try await bench.leased()
            try await bench.commit(sound, [makeSegment(2, 1)])
            let progress = try await bench.video("v")?.progress
            let sibling = try await bench.leased("other")
            #expect(try await bench.queue.fail(sound.report, failure, retryable: false) == .dead)
            #expect(try await bench.units("v").map(\.state) == [.done, .done, .dead, .cancelled, .cancelled])
            #expect(try await bench.queue.heartbeat(sibling.report, progress: nil) == .leaseLost)
            #expect(try await bench.lease() == nil)
            #expect(try await bench.video("v")?.failure == failure)

            #expect(try await bench.queue.retry(jobId: "transcode-v") == true)
            #expect(try await bench.video("v")?.progress == progress)
            let again = try await bench.leased()
            #expect((again.unit.number, again.unit.attempts, again.stored) == (2, 1, [makeSegment(2, 1)]))
            #expect(again.unit.fence > sibling.unit.fence)
            #expect(try await bench.video("v")?.status == .transcoding)
        }
    }

    @Test func `a new upload starts over, the same one again goes on`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            try await bench.make(try await bench.leased())
            let sound = try await bench.leased()
            _ = try await bench.queue.fail(sound.report, failure, retryable: false)
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            #expect(try await bench.units("v").map(\.state) == [.done, .done, .queued, .queued, .queued])
            #expect(bench.forgotten.isEmpty)

            _ = try await bench.queue.fail(try await bench.leased().report, failure, retryable: false)
            try await bench.upload("v", etag: "other")
            try await bench.queue.dispatchObjectEvents()
            #expect(try await bench.units("v").map(\.kind) == [.probe])
            #expect(bench.forgotten == ["v"])
            let left = try await bench.catalog.read {
                try $0.objects(bucket: "media", prefix: "media/v/", from: "", limit: 9)
            }
            #expect(left.isEmpty)
            #expect(try await bench.job("v")?.generation == 2)
            let probe = try await bench.leased()
            #expect(probe.unit.fence > sound.unit.fence && probe.job.source.etag == "other")
            #expect(try await bench.queue.heartbeat(sound.report, progress: nil) == .leaseLost)
        }
    }

    @Test func `a new upload ends the work on the old one, and begins when its workers have stopped`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            let old = try await bench.leased()
            try await bench.upload("v", etag: "other")
            try await bench.queue.dispatchObjectEvents()
            #expect(try await bench.queue.heartbeat(old.report, progress: nil) == .leaseLost)
            #expect(try await bench.video("v")?.status == .queued)
            bench.clock.advance(seconds: 29)
            #expect(try await bench.lease() == nil)
            bench.clock.advance(seconds: 1)
            #expect(try await bench.leased().unit.kind == .probe)
        }
    }

    @Test func `a probe begins in an empty folder`() async throws {
        try await withQueue { bench in
            let first = try await bench.probing("v")
            try await bench.catalog.write { transaction in
                try transaction.put(
                    StoredObject(
                        bucket: "media", key: "media/v/360p/init.mp4", blob: "b", size: 1, etag: "e",
                        contentType: "video/mp4", createdAt: 1))
            }
            _ = try await bench.queue.fail(first.report, failure, retryable: true)
            #expect(try await bench.video("v")?.status == .queued)
            bench.clock.advance(seconds: 5)
            _ = try await bench.leased()
            #expect(
                try await bench.catalog.read { try $0.object(bucket: "media", key: "media/v/360p/init.mp4") } == nil)
            #expect(bench.forgotten == ["v"])
        }
    }

    @Test func `a deleted video's worker loses its lease`() async throws {
        try await withQueue { bench in
            let probe = try await bench.probing("v")
            _ = try await bench.catalog.write { try $0.deleteVideo(id: "v") }
            #expect(try await bench.queue.heartbeat(probe.report, progress: nil) == .leaseLost)
        }
    }

    @Test func `the check ends the job, with its report`() async throws {
        try await withQueue { bench in
            let finish = try await bench.finishing("v")
            let rings = bench.queue.finishes.rings
            #expect(try await bench.catalog.read { try $0.pendingDownloads(limit: 1) }.isEmpty)
            #expect(try await bench.queue.complete(finish.report, .checked(report: #"{"a":1}"#)) == .accepted)
            #expect(try await bench.video("v")?.status == .ready)
            #expect(try await bench.job("v")?.state == .done)
            #expect(try await bench.catalog.read { try $0.conformanceReport(videoId: "v") } == #"{"a":1}"#)
            let pending = try await bench.catalog.read { try $0.pendingDownloads(limit: 9) }
            #expect(pending.map(\.jobId) == [finish.job.id] && bench.queue.finishes.rings == rings + 1)
        }
    }

    @Test func `a broken rule keeps the video from being ready, and the report says which`() async throws {
        try await withQueue { bench in
            let finish = try await bench.finishing("v")
            let outcome = try await bench.queue.fail(
                finish.report, failure, retryable: false, conformance: #"{"b":2}"#)
            #expect(outcome == .dead)
            let video = try await bench.video("v")
            #expect(video?.status == .failed && video?.playable == false && video?.failure == failure)
            #expect(try await bench.catalog.read { try $0.conformanceReport(videoId: "v") } == #"{"b":2}"#)
        }
    }

    @Test func `a waiting worker is woken by an upload`() async throws {
        try await withQueue { bench in
            let running = Task { await bench.queue.run() }
            defer { running.cancel() }
            let queue = bench.queue
            async let leased = queue.lease(WorkerOffer(workerId: "w"), wait: .seconds(30))
            try await bench.upload("v")
            queue.uploadStored()
            #expect(try await leased?.job.videoId == "v")
        }
    }

    @Test func `a closed queue lets nobody wait and leases nothing`() async throws {
        try await withQueue { bench in
            let queue = bench.queue
            let begun = ContinuousClock.now
            async let waiting = queue.lease(WorkerOffer(workerId: "w"), wait: .seconds(30))
            queue.close()
            #expect(try await waiting == nil)
            #expect(ContinuousClock.now - begun < .seconds(10))
            try await bench.upload("v")
            try await queue.dispatchObjectEvents()
            #expect(try await queue.lease(WorkerOffer(workerId: "w"), wait: .seconds(30)) == nil)
        }
    }
}
