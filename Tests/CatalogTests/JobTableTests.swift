import Catalog
import Testing

@Suite struct JobTableTests {
    @Test func `every field of a job survives`() async throws {
        try await withCatalog { catalog in
            var job = makeJob("j", video: "v")
            job.state = .leased
            job.fence = 3
            job.attempts = 2
            job.availableAt = 5
            job.leaseExpiresAt = 6
            job.workerId = "w"
            job.lastFailure = VideoFailure(reason: "r", detail: "d")
            job.updatedAt = 9
            let stored = try await catalog.write { [job] transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeJob("j", video: "v"))
                try transaction.save(job)
                return try transaction.job(id: "j")
            }
            #expect(stored == job)
        }
    }

    @Test func `the job that waited longest comes first and none before its time`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                for (id, available) in [("late", 30), ("early", 10), ("middle", 20)] {
                    var job = makeJob(id, video: "v")
                    job.availableAt = Int64(available)
                    try transaction.insert(job)
                }
            }
            #expect(try await catalog.read { try $0.nextQueuedJob(now: 9) } == nil)
            #expect(try await catalog.read { try $0.nextQueuedJob(now: 30)?.id } == "early")
        }
    }

    @Test func `only run-out leases are expired`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                for (id, expiry) in [("a", 10), ("b", 20)] {
                    var job = makeJob(id, video: "v")
                    job.state = .leased
                    job.leaseExpiresAt = Int64(expiry)
                    try transaction.insert(job)
                }
                try transaction.insert(makeJob("queued", video: "v"))
            }
            #expect(try await catalog.read { try $0.expiredJobs(now: 10, limit: 9).map(\.id) } == ["a"])
            #expect(try await catalog.read { try $0.jobCounts() } == [.leased: 2, .queued: 1])
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
        }
    }
}
