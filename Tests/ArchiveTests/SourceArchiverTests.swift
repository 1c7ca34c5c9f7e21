import Bytes
import Catalog
import Crypto
import ObjectStore
import TestKit
import Testing

@testable import Archive

@Suite struct SourceArchiverTests {
    @Test func `what nobody has touched for its days goes, whatever number of blobs it has`() async throws {
        let bench = try Bench()
        let single = try await bench.add("a", [[1, 2, 3]])
        let parts = try await bench.add("b", [[1], [2, 3], [4]])
        let failed = try await bench.add("c", [[9]], status: .failed)
        bench.clock.advance(seconds: Bench.days * Bench.day - 1)
        #expect(try await bench.archiver().archiveUntouched() == 0)
        bench.clock.advance(seconds: 1)
        #expect(try await bench.archiver().archiveUntouched() == 3)
        #expect(
            bench.events == [
                .archived(key: "a/original", bytes: 3), .archived(key: "b/original", bytes: 4),
                .archived(key: "c/original", bytes: 1),
            ])
        for object in [single, parts, failed] { #expect(try await bench.state(object) == .clearing) }
        while try await bench.restorer().step() > 0 {}
        for object in [single, parts, failed] { #expect(try await bench.state(object) == .archived) }
        #expect(try await bench.names(in: bench.hot) == [])
        #expect(try await bench.names(in: bench.archive).count == 5)
        #expect(try await bench.archiver().archiveUntouched() == 0, "again is nothing")
    }

    @Test func `what is being worked on, in the trash, of no video or read lately stays`() async throws {
        let bench = try Bench()
        try await bench.add("a", status: .transcoding)
        let busy = try await bench.add("b")
        try await bench.addJob(for: busy, .running)
        let trashed = try await bench.add("c")
        let read = try await bench.add("d")
        let over = try await bench.add("e")
        try await bench.addJob(for: over, .dead)
        let now = bench.clock.now
        try await bench.catalog.write { transaction in
            var video = try #require(try transaction.video(id: "c"))
            video.deletedAt = now
            try transaction.save(video)
            try transaction.put(
                StoredObject(
                    bucket: "uploads", key: "notes.txt", blob: "n", size: 1, etag: "e", contentType: "text/plain",
                    createdAt: now))
        }
        bench.age()
        bench.reads.note(blob: read.blob, at: bench.clock.now - 1)
        try await bench.reads.flush(to: bench.catalog)
        #expect(try await bench.archiver().archiveUntouched() == 1)
        #expect(try await bench.state(over) == .clearing)
        #expect(try await bench.state(trashed) == nil)
        bench.age()
        #expect(try await bench.archiver().archiveUntouched() == 1, "the one that was read")
        #expect(try await bench.state(read) == .clearing)
    }

    @Test func `without days nothing goes`() async throws {
        let bench = try Bench()
        try await bench.add("a")
        bench.clock.advance(seconds: 40_000 * Bench.day)
        #expect(try await bench.archiver(days: 0).archiveUntouched() == 0)
    }

    @Test func `a full archive leaves the hot copy, and no more is tried`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2]])
        try await bench.add("b")
        bench.age()
        let full = InterruptedStore(base: bench.archive) { throw BlobStoreError(.full, "no room") }
        #expect(try await bench.archiver(to: full).archiveUntouched() == 0)
        #expect(bench.events == [.full(reason: "full: no room")])
        #expect(try await bench.state(object) == nil)
        #expect(try await bench.bytes(object) == [1, 2])
        #expect(try await bench.names(in: bench.archive) == [])
        #expect(try await bench.archiver().archiveUntouched() == 2, "as soon as there is room")
    }

    @Test func `bytes that are not those of the ETag are not archived, and are looked at again after the days`()
        async throws
    {
        let bench = try Bench()
        let object = try await bench.add("a", [[1, 2, 3]], etag: "00000000000000000000000000000000")
        bench.age()
        for _ in 0..<2 { #expect(try await bench.archiver().archiveUntouched() == 0) }
        #expect(bench.events.count == 1)
        #expect(try await bench.state(object) == nil)
        #expect(try await bench.names(in: bench.archive) == [])
        bench.age()
        #expect(try await bench.archiver().archiveUntouched() == 0)
        #expect(bench.events.count == 2)
    }

    @Test func `an upload of one part in parts has an ETag of its own kind`() async throws {
        let bench = try Bench()
        let tag = Hex.encode(Digest.md5(Digest.md5([1, 2, 3])))
        try await bench.add("a", [[1, 2, 3]], etag: "\(tag)-1")
        bench.age()
        #expect(try await bench.archiver().archiveUntouched() == 1)
    }

    @Test func `what is read while it is copied stays`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a")
        bench.age()
        let read = InterruptedStore(base: bench.archive) {
            bench.reads.note(blob: object.blob, at: bench.clock.now)
        }
        #expect(try await bench.archiver(to: read).archiveUntouched() == 0)
        #expect(try await bench.state(object) == nil)
        #expect(try await bench.names(in: bench.archive) == [])
        #expect(bench.events == [])
    }

    @Test func `what is replaced while it is copied leaves nothing in the archive, and its successor is young`()
        async throws
    {
        let bench = try Bench()
        let object = try await bench.add("a")
        bench.age()
        let replaced = InterruptedStore(base: bench.archive) { try await bench.add("a", [[5]]) }
        #expect(try await bench.archiver(to: replaced).archiveUntouched() == 0)
        #expect(try await bench.state(object) == nil)
        #expect(try await bench.names(in: bench.archive) == [])
    }

    @Test func `nothing goes into an archive that does not have what was put into it`() async throws {
        let bench = try Bench()
        try await bench.add("a")
        bench.age()
        try await bench.archiveAll()
        let young = try await bench.add("b")
        bench.age()
        for blob in try await bench.names(in: bench.archive) { try await bench.archive.delete(blob) }
        #expect(try await bench.archiver().archiveUntouched() == 0)
        #expect(bench.events.last == .lost(key: "a/original"))
        #expect(try await bench.state(young) == nil)
    }

    @Test func `blobs of the archive that a row names outlive a sweep`() async throws {
        let bench = try Bench()
        let object = try await bench.add("a", [[1], [2]])
        bench.age()
        try await bench.archiveAll()
        let stray = try await bench.archive.create(expectedSize: nil)
        try await stray.commit()
        #expect(try await bench.archiver().sweepOrphans(olderThanSeconds: -(1 << 40)) == 1)
        #expect(try await bench.names(in: bench.archive).count == 2)
        try await bench.deleteForGood(object)
        #expect(try await bench.names(in: bench.archive) == [])
    }
}
