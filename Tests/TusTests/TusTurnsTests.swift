import Catalog
import Synchronization
import TestKit
import Testing
import Tus

/// Who may bring bytes when several want to, and what becomes of uploads that nobody goes on with.
@Suite struct TusTurnsTests {
    @Test func `while one request brings bytes another is refused, and one that has gone silent holds nobody up`()
        async throws
    {
        let bench = try Bench()
        let id = try await bench.begin(length: 10)
        let isSilent = Mutex(false)
        let first = Task {
            try await bench.uploads.append(
                Body(pieces: [[1, 2, 3]], end: .silent) { isSilent.withLock { $0 = true } }, TusDelivery(offset: 0),
                to: id, ownerId: "anna")
        }
        #expect(await eventually { isSilent.withLock { $0 } })
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.send([1, 2, 3], at: 0, to: id) }
        #expect(refusal?.code == .busy)
        #expect(try await bench.offset(of: id) == 0)
        bench.clock.advance(seconds: 2)
        #expect(try await bench.offset(of: id) == 3)
        let ended = await #expect(throws: TusRefusal.self) { try await first.value }
        #expect(ended?.code == .busy)
        #expect(try await bench.send([4], at: 3, to: id) == 4)
    }

    @Test func `of two requests with the same bytes one is taken`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 4)
        let outcomes = await withTaskGroup(of: TusRefusal.Code?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        try await bench.send([1, 2], at: 0, to: id)
                        return nil
                    } catch {
                        return (error as? TusRefusal)?.code ?? .notFound
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.allSatisfy { [nil, .busy, .wrongOffset].contains($0) })
        #expect(try await bench.offset(of: id) == 2)
        #expect(try await bench.orphans().isEmpty)
    }

    @Test func `somebody else's upload is none`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 4)
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await bench.uploads.status(of: id, ownerId: "ben") },
            { _ = try await bench.uploads.end(id, ownerId: "ben") },
            {
                _ = try await bench.uploads.append(
                    Body(pieces: [[1]]), TusDelivery(offset: 0), to: id, ownerId: "ben")
            },
        ]
        for call in calls {
            let refusal = await #expect(throws: TusRefusal.self) { try await call() }
            #expect(refusal?.code == .notFound)
        }
    }

    @Test func `an upload that is given up is gone, with its bytes and its video`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 4)
        try await bench.send([1], at: 0, to: id)
        #expect(try await bench.uploads.end(id, ownerId: "anna") == "v")
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.offset(of: id) }
        #expect(refusal?.code == .notFound)
        #expect(try await bench.catalog.read { try $0.video(id: "v") } == nil)
        #expect(try await bench.catalog.read { try $0.discardedBlobs(limit: 9) }.count == 1)
    }

    @Test func `a file that is whole is not given up any more`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 1)
        try await bench.send([1], at: 0, to: id)
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.uploads.end(id, ownerId: "anna") }
        #expect(refusal?.code == .finished)
        #expect(try await bench.file() == [1])
    }

    @Test func `an upload ends after a week, first for its client and then on the disk`() async throws {
        let bench = try Bench()
        let whole = try await bench.begin("w", length: 1)
        try await bench.send([1], at: 0, to: whole)
        let id = try await bench.begin(length: 4)
        try await bench.send([1], at: 0, to: id)
        bench.clock.advance(seconds: Int(MultipartUpload.lifetimeSeconds))
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.send([2], at: 1, to: id) }
        #expect(refusal?.code == .expired)
        bench.clock.advance(milliseconds: 1)
        let before = bench.clock.now - MultipartUpload.lifetimeSeconds * 1_000
        #expect(try await bench.catalog.write { try $0.expireUploads(before: before, limit: 64) } == 1)
        for gone in [id, whole] {
            let refusal = await #expect(throws: TusRefusal.self) { try await bench.offset(of: gone) }
            #expect(refusal?.code == .notFound)
        }
        let (waiting, sent) = try await bench.catalog.read { (try $0.video(id: "v"), try $0.video(id: "w")) }
        #expect(waiting == nil && sent != nil)
        #expect(try await bench.file("w") == [1])
    }

    @Test func `an upload goes with its video`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 4)
        try await bench.catalog.write { transaction in
            _ = try transaction.deleteVideo(id: "v")
            try transaction.deleteUploads(bucket: "uploads", key: "v/original")
        }
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.send([1], at: 0, to: id) }
        #expect(refusal?.code == .notFound)
    }
}
