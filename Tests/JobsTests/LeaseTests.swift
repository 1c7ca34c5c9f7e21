import Catalog
import Jobs
import Presentation
import TestKit
import Testing

@Suite struct LeaseTests {
    private let failure = VideoFailure(reason: "disk", detail: "full")

    @Test func `a crashed worker's unit is leased again under a higher fence, and the old fence is refused`()
        async throws
    {
        try await withQueue { bench in
            try await bench.planned("v")
            let first = try await bench.leased("a")
            try await bench.commit(first, [makeSegment(0, 1)])
            bench.clock.advance(seconds: 31)
            try await bench.queue.expireLeases()
            #expect(try await bench.video("v")?.status == .transcoding)
            bench.clock.advance(seconds: 5)
            let second = try await bench.leased("b")
            #expect((second.unit.number, second.unit.attempts) == (1, 2))
            #expect(second.unit.fence > first.unit.fence && second.stored == [makeSegment(0, 1)])
            let queue = bench.queue
            let late = [
                try await queue.heartbeat(first.report, progress: 1),
                try await bench.commit(first, [makeSegment(1, 1)]),
                try await queue.complete(first.report, .made),
                try await queue.fail(first.report, failure, retryable: false),
            ]
            #expect(late == Array(repeating: .leaseLost, count: 4))
        }
    }

    @Test(arguments: ArchivedSource.State.allCases)
    func `work waits while the upload is in the archive, and goes on when it is there`(
        _ state: ArchivedSource.State
    ) async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            try await bench.upload("w")
            try await bench.queue.dispatchObjectEvents()
            for id in ["v", "w"] {
                try await bench.catalog.write { transaction in
                    try transaction.put(
                        StoredObject(
                            bucket: "uploads", key: "\(id)/original", blob: id, size: 10, etag: "e",
                            contentType: "video/mp4", createdAt: 1))
                }
            }
            try await bench.catalog.write { try $0.save(ArchivedSource(blob: "v", state: state, dueAt: 1)) }
            let isReadable = ArchivedSource(blob: "v", state: state, dueAt: 1).isReadable
            let leased = [try await bench.lease(), try await bench.lease()].compactMap { $0?.job.videoId }
            #expect(leased.sorted() == (isReadable ? ["v", "w"] : ["w"]))
            guard !isReadable else { return }
            try await bench.catalog.write { try $0.save(ArchivedSource(blob: "v", state: .restored, dueAt: 1)) }
            #expect(try await bench.leased().job.videoId == "v")
        }
    }

    @Test func `the second of two workers that race commits what the first did not, and may not differ`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            let first = try await bench.leased("a")
            try await bench.commit(first, [makeSegment(0, 1)])
            bench.clock.advance(seconds: 31)
            try await bench.queue.expireLeases()
            bench.clock.advance(seconds: 5)
            let second = try await bench.leased("b")
            #expect(try await bench.commit(second, [makeSegment(0, 1), makeSegment(1, 1)]) == .accepted)
            await #expect(throws: UnitRefusal.segmentDiffers(rendition: "720p", number: 1)) {
                try await bench.commit(second, [makeSegment(1, 1, hash: "c")])
            }
            #expect(try await bench.commit(first, [makeSegment(1, 1, hash: "c")]) == .leaseLost)
            #expect(try await bench.queue.complete(second.report, .made) == .accepted)
        }
    }

    @Test func `a heartbeat keeps the lease and says how far the unit is`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            let lease = try await bench.leased()
            for tenths in 1...4 {
                bench.clock.advance(seconds: 20)
                let outcome = try await bench.queue.heartbeat(lease.report, progress: Double(tenths) / 10)
                #expect(outcome == .accepted)
                try await bench.queue.expireLeases()
            }
            #expect(try await bench.units("v")[1].progress == 0.4)
            #expect(try await bench.units("v")[1].state == .leased)
        }
    }

    @Test func `a file that kills workers is given up after three, with a reason`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            for _ in 0..<3 {
                #expect(try await bench.leased().unit.number == 1)
                bench.clock.advance(seconds: 31)
                try await bench.queue.expireLeases()
                bench.clock.advance(seconds: 400)
            }
            #expect(try await bench.lease() == nil)
            let video = try await bench.video("v")
            #expect(video?.status == .failed && video?.failure?.detail.hasSuffix("attempt 3 of 3") == true)
            #expect(try await bench.job("v")?.state == .dead)
            #expect(bench.metric("weir_origin_dead_jobs_total 1"))
            #expect(bench.metric("weir_origin_work_retries_total 2"))
        }
    }

    @Test func `retries wait longer each time and then end`() async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            for (attempt, delay) in [(1, 5), (2, 20), (3, 0)] {
                let probe = try await bench.leased()
                #expect(probe.unit.attempts == attempt)
                let outcome = try await bench.queue.fail(probe.report, failure, retryable: true)
                #expect(outcome == (attempt < 3 ? .requeued : .dead))
                #expect(try await bench.queue.fail(probe.report, failure, retryable: true) == .repeated)
                bench.clock.advance(seconds: delay - 1)
                #expect(try await bench.lease() == nil)
                bench.clock.advance(seconds: 1)
            }
        }
    }

    @Test func `fifty workers never share a unit`() async throws {
        try await withQueue { bench in
            for number in 0..<20 { try await bench.upload("v\(number)") }
            try await bench.queue.dispatchObjectEvents()
            let leased = try await withThrowingTaskGroup { group in
                for number in 0..<50 { group.addTask { try await bench.lease("w\(number)") } }
                return try await group.reduce(into: [String]()) { $0 += $1.map { [$0.job.id] } ?? [] }
            }
            #expect(leased.count == 20 && Set(leased).count == 20)
        }
    }

    @Test func `a long film of one owner does not hold up another's clip`() async throws {
        try await withQueue { bench in
            try await bench.planned("film", owner: "cinema", makePlan(spans: 40))
            // The film's opening is under way, and more of it waits.
            for _ in 0..<3 { _ = try await bench.leased() }
            try await bench.planned("clip", owner: "anna", makePlan(spans: 4))
            var turns: [String] = []
            while turns.count < 12, let lease = try await bench.lease() {
                turns.append(lease.job.ownerId)
                try await bench.make(lease)
            }
            // Anna's opening first, then whoever was served less: her clip is done long before the film.
            #expect(turns.prefix(2) == ["anna", "anna"])
            let places = turns.indices.filter { turns[$0] == "anna" }
            #expect(places.count == 5 && turns.contains("cinema"))
        }
    }

    @Test func `what lets videos begin comes before later spans, but not for ever`() async throws {
        try await withQueue { bench in
            try await bench.planned("film", owner: "a", makePlan(spans: 9))
            try await bench.make(try await bench.leased())
            try await bench.make(try await bench.leased())
            for number in 0..<8 { try await bench.upload("clip\(number)", owner: "b") }
            try await bench.queue.dispatchObjectEvents()
            var turns: [JobUnit.Kind] = []
            for _ in 0..<8 { turns.append(try await bench.leased().unit.kind) }
            #expect(turns == [.probe, .probe, .probe, .pictures, .probe, .probe, .probe, .pictures])
        }
    }

    @Test func `a worker goes on with the upload it holds when that costs nobody anything`() async throws {
        try await withQueue { bench in
            for id in ["v1", "v2", "v3"] { try await bench.upload(id) }
            try await bench.queue.dispatchObjectEvents()
            #expect(try await bench.leased(holding: ["transcode-v3"]).job.videoId == "v3")
            #expect(try await bench.leased(holding: ["transcode-v3"]).job.videoId == "v1")
        }
    }

    @Test func `a unit goes only to a worker with the memory for it`() async throws {
        try await withQueue { bench in
            try await bench.planned("v", makePlan(memory: 500))
            #expect(try await bench.leased("small", memory: 100).unit.kind == .sound)
            #expect(try await bench.lease("small", memory: 100) == nil)
            #expect(try await bench.leased("large", memory: 500).unit.number == 1)
        }
    }

    @Test func `a unit larger than any worker goes, after a while, to one that does nothing else`() async throws {
        try await withQueue { bench in
            try await bench.planned("v", makePlan(spans: 1, memory: 9_000))
            let sound = try await bench.leased("busy", memory: 4_000)
            #expect(try await bench.lease("idle", memory: 4_000) == nil)
            bench.clock.advance(seconds: 60)
            #expect(try await bench.lease("busy", memory: 4_000) == nil)
            #expect(try await bench.leased("idle", memory: 4_000).unit.number == 1)
            #expect(sound.unit.kind == .sound)
        }
    }

    @Test func `what waits and runs is exported in seconds of output`() async throws {
        try await withQueue { bench in
            try await bench.planned("v")
            _ = try await bench.leased()
            let running = Task { await bench.queue.run() }
            defer { running.cancel() }
            bench.clock.advance(seconds: 3)
            bench.queue.workArrived()
            // 1.25 * 6 s of pictures are leased, twice as much waits with 0.02 * 18 s of sound.
            let queued = "weir_origin_work_backlog_seconds{state=\"queued\"} 15"
            #expect(await eventually { bench.metric(queued) })
            #expect(bench.metric("weir_origin_work_backlog_seconds{state=\"leased\"} 8"))
            #expect(bench.metric("weir_origin_work_units{state=\"queued\"} 3"))
            #expect(bench.metric("weir_origin_jobs{state=\"running\"} 1"))
        }
    }
}
