import Catalog
import Jobs
import Testing

@Suite struct JobQueueTests {
    @Test func `an upload becomes one job however often it is announced`() async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            #expect(try await bench.catalog.read { try $0.jobCounts() } == [.queued: 1])
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

    @Test func `a worker takes a job to its end`() async throws {
        try await withQueue { bench in
            let job = try await bench.queuedAndLeased("v")
            #expect((job.fence, job.attempts, job.source.size) == (1, 1, 10))
            let queue = bench.queue
            let progress = VideoEvent.transcoding(progress: 0.5)
            #expect(try await queue.heartbeat(jobId: job.id, fence: 1, report: .probing) == .accepted)
            #expect(try await queue.heartbeat(jobId: job.id, fence: 1, report: progress) == .accepted)
            #expect(try await bench.video("v")?.progress == 0.5)
            let published = try await queue.publish(jobId: job.id, fence: 1, durationSeconds: 3, renditions: [])
            #expect(published == .accepted)
            #expect(try await bench.video("v")?.playable == true)
            for expected in [JobOutcome.accepted, .repeated] {
                let outcome = try await queue.complete(
                    jobId: job.id, fence: 1, durationSeconds: 3, renditions: [], explain: "{}")
                #expect(outcome == expected)
            }
            #expect(try await bench.video("v")?.status == .ready)
            #expect(try await bench.catalog.read { try $0.jobCounts() } == [.done: 1])
        }
    }

    @Test func `a crashed worker's job is leased again under a higher fence, and the old fence is refused`()
        async throws
    {
        try await withQueue { bench in
            let first = try await bench.queuedAndLeased("v")
            bench.advance(seconds: 31)
            try await bench.queue.expireLeases()
            #expect(try await bench.video("v")?.status == .queued)
            #expect(try await bench.queue.lease(workerId: "b", wait: .zero) == nil)
            bench.advance(seconds: 5)
            let second = try #require(try await bench.queue.lease(workerId: "b", wait: .zero))
            #expect(second.fence == first.fence + 1)
            let queue = bench.queue
            let failure = VideoFailure(reason: "late", detail: "")
            let late = [
                try await queue.heartbeat(jobId: first.id, fence: first.fence, report: .probing),
                try await queue.publish(jobId: first.id, fence: first.fence, durationSeconds: 1, renditions: []),
                try await queue.complete(
                    jobId: first.id, fence: first.fence, durationSeconds: 1, renditions: [], explain: nil),
                try await queue.fail(jobId: first.id, fence: first.fence, failure, retryable: false),
            ]
            #expect(late == Array(repeating: .leaseLost, count: 4))
            #expect(try await bench.video("v")?.status == .probing)
        }
    }

    @Test func `a heartbeat keeps the lease`() async throws {
        try await withQueue { bench in
            let job = try await bench.queuedAndLeased("v")
            for _ in 0..<4 {
                bench.advance(seconds: 20)
                #expect(try await bench.queue.heartbeat(jobId: job.id, fence: 1, report: .probing) == .accepted)
                try await bench.queue.expireLeases()
            }
            #expect(try await bench.catalog.read { try $0.jobCounts() } == [.leased: 1])
        }
    }

    @Test func `a file that kills workers is given up after three, with a reason`() async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            for _ in 0..<3 {
                _ = try #require(try await bench.queue.lease(workerId: "w", wait: .zero))
                bench.advance(seconds: 31)
                try await bench.queue.expireLeases()
                bench.advance(seconds: 400)
            }
            #expect(try await bench.queue.lease(workerId: "w", wait: .zero) == nil)
            let video = try await bench.video("v")
            #expect(video?.status == .failed && video?.failure?.detail.hasSuffix("attempt 3 of 3") == true)
            #expect(try await bench.catalog.read { try $0.jobCounts() } == [.dead: 1])
        }
    }

    @Test func `a permanent failure is not tried again, and a repeated report changes nothing`() async throws {
        try await withQueue { bench in
            let job = try await bench.queuedAndLeased("v")
            let failure = VideoFailure(reason: "not_a_video", detail: "It is a poem.")
            for expected in [JobOutcome.dead, .repeated] {
                #expect(try await bench.queue.fail(jobId: job.id, fence: 1, failure, retryable: false) == expected)
            }
            #expect(try await bench.video("v")?.failure == failure)
        }
    }

    @Test func `retries wait longer each time and then end`() async throws {
        try await withQueue { bench in
            try await bench.upload("v")
            try await bench.queue.dispatchObjectEvents()
            let failure = VideoFailure(reason: "disk", detail: "")
            for (attempt, delay) in [(1, 5), (2, 20), (3, 0)] {
                let job = try #require(try await bench.queue.lease(workerId: "w", wait: .zero))
                #expect(job.attempts == attempt)
                let outcome = try await bench.queue.fail(
                    jobId: job.id, fence: job.fence, failure, retryable: true)
                #expect(outcome == (attempt < 3 ? .requeued : .dead))
                bench.advance(seconds: delay - 1)
                #expect(try await bench.queue.lease(workerId: "w", wait: .zero) == nil)
                bench.advance(seconds: 1)
            }
        }
    }

    @Test func `an administrator brings a dead job back with all its attempts, and only a dead one`() async throws {
        try await withQueue { bench in
            let job = try await bench.queuedAndLeased("v")
            #expect(try await bench.queue.retry(jobId: job.id) == false)
            #expect(try await bench.queue.retry(jobId: "nobody") == nil)
            let failure = VideoFailure(reason: "x", detail: "")
            _ = try await bench.queue.fail(jobId: job.id, fence: 1, failure, retryable: false)
            #expect(try await bench.queue.retry(jobId: job.id) == true)
            let again = try #require(try await bench.queue.lease(workerId: "w", wait: .zero))
            #expect((again.attempts, again.fence) == (1, 2))
        }
    }

    @Test func `a deleted video's worker loses its lease`() async throws {
        try await withQueue { bench in
            let job = try await bench.queuedAndLeased("v")
            _ = try await bench.catalog.write { try $0.deleteVideo(id: "v") }
            #expect(try await bench.queue.heartbeat(jobId: job.id, fence: 1, report: .probing) == .leaseLost)
        }
    }

    @Test func `fifty workers never share a job`() async throws {
        try await withQueue { bench in
            for number in 0..<20 { try await bench.upload("v\(number)") }
            try await bench.queue.dispatchObjectEvents()
            let queue = bench.queue
            let leased = try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask { try await queue.lease(workerId: "w\(number)", wait: .zero) }
                }
                return try await group.reduce(into: [String]()) { $0 += $1.map { [$0.id] } ?? [] }
            }
            #expect(leased.count == 20 && Set(leased).count == 20)
        }
    }

    @Test func `a waiting worker is woken by an upload`() async throws {
        try await withQueue { bench in
            let running = Task { await bench.queue.run() }
            defer { running.cancel() }
            let queue = bench.queue
            async let leased = queue.lease(workerId: "w", wait: .seconds(30))
            try await bench.upload("v")
            queue.uploadStored()
            #expect(try await leased?.videoId == "v")
        }
    }
}
