import Catalog
import EventLoop
import ObjectStore
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Archive

@Suite struct SourceRestorerTests {
    @Test func `a source that is asked for comes back for its days, and then goes again`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2, 3]])
        #expect(try await bench.ask(object) == .notArchived)
        bench.age()
        try await bench.archiveAll()
        #expect(try await bench.ask(object, days: 2) == .begun)
        #expect(try await bench.ask(object, days: 9) == .underWay)
        let arrived = Mutex(0)
        while try await bench.restorer(arrived: { arrived.withLock { $0 += 1 } }).step() > 0 {}
        #expect(arrived.withLock { $0 } == 1)
        #expect(try await bench.state(object) == .restored)
        #expect(try await bench.bytes(object) == [1, 2, 3])
        #expect(try await bench.names(in: bench.archive).count == 2, "the archive keeps its copy")
        #expect(try await bench.archiver().archiveUntouched() == 0)
        bench.clock.advance(seconds: Bench.day)
        #expect(try await bench.ask(object, days: 2) == .there(until: bench.clock.now + 2 * 86_400_000))
        bench.clock.advance(seconds: 2 * Bench.day - 1)
        #expect(try await bench.restorer().step() == 0)
        bench.clock.advance(seconds: 1)
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.state(object) == .archived)
        #expect(try await bench.names(in: bench.hot) == [])
    }

    @Test func `who asks while the hot copy is deleted gets all of it`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2, 3]])
        bench.age()
        try await bench.archiver().archiveUntouched()
        #expect(try await bench.state(object) == .clearing)
        try await bench.hot.delete(object.blob)
        #expect(try await bench.ask(object) == .begun)
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.bytes(object) == [1, 2, 3])
    }

    @Test func `a job that is not over brings its source back and keeps it, unless its video is in the trash`()
        async throws
    {
        let bench = try Bench()
        let object = try await bench.add("a")
        bench.age()
        try await bench.archiveAll()
        try await bench.addJob(for: object, .queued)
        let now = bench.clock.now
        try await bench.catalog.write { transaction in
            var video = try #require(try transaction.video(id: "a"))
            video.deletedAt = now
            try transaction.save(video)
        }
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.state(object) == .archived)
        try await bench.catalog.write { transaction in
            var video = try #require(try transaction.video(id: "a"))
            video.deletedAt = nil
            try transaction.save(video)
        }
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.state(object) == .restored)
        bench.clock.advance(seconds: 60 * Bench.day)
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.state(object) == .restored, "the job is not over")
        try await bench.catalog.write { transaction in
            var job = try #require(try transaction.job(videoId: "a"))
            job.state = .done
            try transaction.save(job)
        }
        bench.clock.advance(seconds: 3_600)
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.state(object) == .archived)
    }

    @Test func `what cannot be read or stored is tried again, later each time`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2, 3]])
        bench.age()
        try await bench.archiveAll()
        let blobs = try await bench.names(in: bench.archive)
        try await bench.archive.delete(object.blob)
        _ = try await bench.ask(object)
        var waits: [Int] = []
        for _ in 0..<11 {
            #expect(try await bench.restorer().step() == 1)
            #expect(try await bench.restorer().step() == 0)
            var waited = 0
            while try await bench.catalog.read({ [now = bench.clock.now] in
                try $0.archivedSources(.restoring, due: now, limit: 1).isEmpty
            }) {
                bench.clock.advance(seconds: 10)
                waited += 10
            }
            waits.append(waited)
        }
        #expect(waits == [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600])
        #expect(try await bench.state(object) == .restoring)
        #expect(try await bench.names(in: bench.hot) == [])
        // The disk is back.
        let writer = try await bench.archive.create(named: object.blob, expectedSize: 1)
        try await writer.append([1])
        try await writer.commit()
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.bytes(object) == [1, 2, 3])
        #expect(try await bench.names(in: bench.archive) == blobs)
    }

    @Test func `bytes that have changed in the archive do not come back`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2, 3]])
        bench.age()
        try await bench.archiveAll()
        let writer = try await bench.archive.create(named: object.blob, expectedSize: 1)
        try await writer.append([9])
        try await writer.commit()
        _ = try await bench.ask(object)
        #expect(try await bench.restorer().step() == 1)
        #expect(try await bench.state(object) == .restoring)
        #expect(try await bench.names(in: bench.hot) == [])
        guard case .notRestored("a/original", 1, _) = bench.events.last else {
            Issue.record("\(bench.events)")
            return
        }
    }

    @Test func `what is deleted while it comes back leaves nothing`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2, 3]])
        bench.age()
        try await bench.archiveAll()
        _ = try await bench.ask(object)
        let stores = ArchiveStores(
            catalog: bench.catalog,
            hot: InterruptedStore(base: bench.hot) {
                _ = try await bench.catalog.write { try $0.deleteObject(bucket: object.bucket, key: object.key) }
            }, archive: bench.archive, bucket: "uploads", digests: try .init(threads: 1, queueLimit: 9),
            now: { bench.clock.now })
        let restorer = SourceRestorer(
            stores, restores: bench.restores, metrics: ArchiveMetrics(.init()))
        while try await restorer.step() > 0 {}
        #expect(try await bench.names(in: bench.hot) == [])
    }

    @Test func `a copy that the archive has lost stays where it is read`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2, 3]])
        bench.age()
        try await bench.archiveAll()
        _ = try await bench.ask(object, days: 1)
        while try await bench.restorer().step() > 0 {}
        try await bench.archive.delete(object.blob)
        bench.clock.advance(seconds: Bench.day)
        while try await bench.restorer().step() > 0 {}
        #expect(try await bench.state(object) == nil)
        #expect(try await bench.bytes(object) == [1, 2, 3])
        #expect(bench.events.last == .lost(key: "a/original"))
    }
}
