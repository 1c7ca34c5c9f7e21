import Catalog
import Presentation
import Testing

@Suite struct JobTableTests {
    @Test func `downloads that are due come first, and go with their job`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for id in ["a", "b", "c"] {
                    try transaction.insert(makeVideo(id))
                    try transaction.insert(makeJob("job-\(id)", video: id))
                    try transaction.save(PendingDownloads(jobId: "job-\(id)", now: 5))
                }
                var late = PendingDownloads(jobId: "job-a", now: 7)
                late.attempts = 2
                try transaction.save(late)
            }
            let pending = try await catalog.read { try $0.pendingDownloads(limit: 9) }
            #expect(pending.map(\.jobId) == ["job-b", "job-c", "job-a"])
            #expect(pending.map(\.attempts) == [0, 0, 2] && pending.map(\.availableAt) == [5, 5, 7])
            let rest = try await catalog.write { transaction in
                try transaction.removePendingDownloads(jobId: "job-b")
                _ = try transaction.deleteVideo(id: "c")
                return try transaction.pendingDownloads(limit: 9)
            }
            #expect(rest.map(\.jobId) == ["job-a"])
        }
    }

    @Test func `every field of a job survives`() async throws {
        try await withCatalog { catalog in
            var job = makeJob("j", video: "v")
            job.state = .dead
            job.fence = 3
            job.generation = 2
            job.isFinal = true
            job.source.etag = "f"
            job.lastFailure = VideoFailure(reason: "r", detail: "d")
            job.updatedAt = 9
            let stored = try await catalog.write { [job] transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeJob("j", video: "v"))
                try transaction.save(job)
                return [try transaction.job(id: "j"), try transaction.job(videoId: "v")]
            }
            #expect(stored == [job, job])
        }
    }

    @Test func `every field of a unit survives`() async throws {
        try await withCatalog { catalog in
            var unit = JobUnit(
                jobId: "j", number: 4, kind: .pictures, detail: "{}", isOpening: true, effortSeconds: 2.5,
                memoryMebibytes: 7, now: 1)
            unit.state = .leased
            unit.fence = 3
            unit.attempts = 2
            unit.availableAt = 5
            unit.leaseExpiresAt = 6
            unit.workerId = "w"
            unit.progress = 0.5
            unit.lastFailure = VideoFailure(reason: "r", detail: "d")
            unit.notes = "[]"
            unit.updatedAt = 9
            let stored = try await catalog.write { [unit] transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeJob("j", video: "v"))
                try transaction.insert(
                    JobUnit(
                        jobId: "j", number: 4, kind: .pictures, detail: "{}", isOpening: true, effortSeconds: 2.5,
                        memoryMebibytes: 7, now: 0))
                try transaction.save(unit)
                return try transaction.unit(jobId: "j", number: 4)
            }
            #expect(stored == unit)
        }
    }

    @Test func `each unfinished job offers its first unit whose time has come and that fits`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for (id, state) in [("a", Job.State.running), ("b", .queued), ("dead", .dead)] {
                    try transaction.insert(makeVideo(id))
                    var job = makeJob(id, video: id)
                    job.state = state
                    try transaction.insert(job)
                    for (number, memory, available) in [(0, 10, 50), (1, 900, 10), (2, 20, 10)] {
                        try transaction.insert(
                            JobUnit(
                                jobId: id, number: number, kind: .pictures, effortSeconds: 1, memoryMebibytes: memory,
                                now: Int64(available)))
                    }
                }
                try transaction.cancelUnits(jobId: "b", now: 9)
            }
            for (now, memory, waitingSince, expected) in [
                (9, 100, nil, []), (10, 100, nil, [2]), (10, 900, nil, [1]), (50, 100, nil, [0]),
                (50, 100, 9, []), (50, 100, 10, [1]),
            ] as [(Int64, Int, Int64?, [Int])] {
                let found = try await catalog.read {
                    try $0.leaseCandidates(now: now, memoryMebibytes: memory, waitingSince: waitingSince)
                }
                #expect(found.map(\.number) == expected && found.allSatisfy { $0.jobId == "a" })
            }
        }
    }

    @Test func `only run-out leases are expired, and only they and what waits count as open`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeJob("j", video: "v"))
                for (number, state, expiry) in [
                    (0, JobUnit.State.done, nil), (1, .leased, 10), (2, .leased, 20), (3, .queued, nil),
                    (4, .dead, nil),
                ] as [(Int, JobUnit.State, Int64?)] {
                    var unit = JobUnit(jobId: "j", number: number, kind: .pictures, effortSeconds: 2, now: 1)
                    unit.state = state
                    unit.leaseExpiresAt = expiry
                    unit.workerId = expiry.map { "w\($0)" }
                    try transaction.insert(unit)
                }
            }
            #expect(try await catalog.read { try $0.expiredUnits(now: 10, limit: 9).map(\.number) } == [1])
            let loads = try await catalog.read { try $0.openUnitLoads() }
            #expect(loads[.leased] == UnitLoad(count: 2, effortSeconds: 4) && loads[.done] == nil)
            #expect(try await catalog.read { try $0.unitLoads(jobId: "j")[.done]?.count } == 1)
            #expect(try await catalog.read { try $0.openUnits(jobId: "j", limit: 9).map(\.number) } == [1, 2, 4, 3])
            #expect(try await catalog.read { try $0.hasLease(workerId: "w20") })
            #expect(try await catalog.read { try !$0.hasLease(workerId: "w30") })
            let owners = try await catalog.read { try $0.servedOwners(since: 0) }
            #expect(owners["owner"]?.runningSeconds == 4)
        }
    }

    @Test func `what was served is remembered for as long as it counts`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.noteServed(ownerId: "a", effortSeconds: 1, now: 10)
                try transaction.noteServed(ownerId: "a", effortSeconds: 3, now: 20)
                try transaction.noteServed(ownerId: "b", effortSeconds: 9, now: 5)
            }
            #expect(try await catalog.read { try $0.servedOwners(since: 6).keys.sorted() } == ["a"])
            #expect(try await catalog.read { try $0.servedOwner(id: "a")?.servedSeconds } == 3)
            #expect(try await catalog.read { try $0.servedOwner(id: "c") } == nil)
        }
    }

    @Test func `a job is due for publishing when it has grown or is done, until it is final`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                var job = makeJob("j", video: "v")
                job.state = .running
                try transaction.insert(job)
                try transaction.insert(JobUnit(jobId: "j", number: 0, kind: .pictures, effortSeconds: 1, now: 1))
                try transaction.insert(RenditionAccount(position: 0, name: "360p", effort: 1), jobId: "j")
            }
            #expect(try await catalog.read { try $0.jobsToPublish() }.isEmpty)
            try await catalog.write { transaction in
                try transaction.store(JobPlan(outline: "{}", media: "{}"), jobId: "j")
                var account = RenditionAccount(position: 0, name: "360p", effort: 1)
                account.runSegments = 2
                account.publishedSegments = 1
                try transaction.save(account, jobId: "j")
            }
            #expect(try await catalog.read { try $0.jobsToPublish().map(\.isFinal) } == [false])
            try await catalog.write { transaction in
                var unit = try transaction.unit(jobId: "j", number: 0)
                unit?.state = .done
                if let unit { try transaction.save(unit) }
            }
            #expect(try await catalog.read { try $0.jobsToPublish().map(\.isFinal) } == [true])
            try await catalog.write { transaction in
                guard var job = try transaction.job(id: "j") else { return }
                job.isFinal = true
                try transaction.save(job)
            }
            #expect(try await catalog.read { try $0.jobsToPublish() }.isEmpty)
        }
    }

    @Test func `a video takes its job's work with it, and so does a new beginning`() async throws {
        for isVideoDeleted in [true, false] {
            try await withCatalog { catalog in
                try await catalog.write { transaction in
                    try transaction.insert(makeVideo("v"))
                    try transaction.insert(makeJob("j", video: "v"))
                    try transaction.insert(JobUnit(jobId: "j", number: 0, kind: .probe, effortSeconds: 1, now: 1))
                    try transaction.store(JobPlan(outline: "{}", media: "{}"), jobId: "j")
                    try transaction.insert(RenditionAccount(position: 0, name: "360p", effort: 1), jobId: "j")
                    try transaction.insert(
                        StoredSegment(
                            rendition: 0, number: 1, bytes: 1, durationMicroseconds: 1,
                            sha256: String(repeating: "a", count: 64)), jobId: "j")
                    try transaction.storeConformanceReport("{}", videoId: "v", now: 1)
                    if isVideoDeleted {
                        _ = try transaction.deleteVideo(id: "v")
                    } else {
                        try transaction.deleteWork(jobId: "j")
                        try transaction.storeConformanceReport(nil, videoId: "v", now: 2)
                    }
                }
                #expect(try await catalog.read { try $0.units(jobId: "j") }.isEmpty)
                #expect(try await catalog.read { try $0.plan(jobId: "j") } == nil)
                #expect(try await catalog.read { try $0.renditionAccounts(jobId: "j") }.isEmpty)
                #expect(try await catalog.read { try $0.segment(jobId: "j", rendition: 0, number: 1) } == nil)
                #expect(try await catalog.read { try $0.conformanceReport(videoId: "v") } == nil)
            }
        }
    }

    @Test func `jobs are paged newest first`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                for number in 0..<5 { try transaction.insert(makeJob("j\(number)", video: "v", createdAt: 1)) }
            }
            let first = try await catalog.read { try $0.jobs(state: nil, limit: 3, after: nil) }
            let second = try await catalog.read { try $0.jobs(state: .queued, limit: 3, after: first.next) }
            #expect((first.items + second.items).map(\.id) == ["j4", "j3", "j2", "j1", "j0"])
            #expect(second.next == nil)
            #expect(try await catalog.read { try $0.openJobCounts() } == [.queued: 5, .running: 0, .dead: 0])
        }
    }
}
