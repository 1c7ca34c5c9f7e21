import Crypto
import EventLoop
import Synchronization
import Testing

@testable import S3Gateway

@Suite struct BodyDigestsTests {
    private static let pieces: [[UInt8]] = [0, 1, 40_000, 7, 300_000, 300_000, 32_768, 5].enumerated().map {
        [UInt8](repeating: UInt8($0), count: $1)
    }

    @Test(arguments: [1, 4])
    func `pieces of any size make the digest of the whole, in their order`(threads: Int) async throws {
        let pool = try BlockingPool(name: "digests", threads: threads, queueLimit: 64)
        defer { pool.shutdown() }
        let digests = BodyDigests(isSigned: true, checksum: .crc32)
        for piece in Self.pieces { await digests.update(piece, on: pool) }
        try check(await digests.finish())
    }

    @Test func `a pool without room is done without`() async throws {
        let pool = try BlockingPool(name: "digests", threads: 1, queueLimit: 1)
        pool.shutdown()
        let digests = BodyDigests(isSigned: true, checksum: .crc32)
        for piece in Self.pieces { await digests.update(piece, on: pool) }
        try check(await digests.finish())
    }

    @Test func `whoever adds waits while more than a piece is behind`() async throws {
        let pool = try BlockingPool(name: "digests", threads: 1, queueLimit: 64)
        defer { pool.shutdown() }
        let held = try Latch()
        let added = Mutex(0)
        _ = pool.submit { _ = held.wait(upTo: .seconds(60)) }
        let digests = BodyDigests(isSigned: false, checksum: nil)
        async let adding: Void = {
            for _ in 0..<3 {
                await digests.update([UInt8](repeating: 1, count: 200_000), on: pool)
                added.withLock { $0 += 1 }
            }
        }()
        while added.withLock({ $0 }) < 1 { await Task.yield() }
        for _ in 0..<1_000 { await Task.yield() }
        #expect(added.withLock { $0 } == 1, "the second one waits for the first")
        held.open()
        await adding
        #expect(await digests.finish().md5 == Digest.md5([UInt8](repeating: 1, count: 600_000)))
    }

    private func check(
        _ found: (md5: [UInt8], sha256: [UInt8]?, checksum: (algorithm: ChecksumAlgorithm, bytes: [UInt8])?)
    ) throws {
        let whole = Self.pieces.flatMap(\.self)
        #expect(found.md5 == Digest.md5(whole) && found.sha256 == Digest.sha256(whole))
        var checksum = StreamingChecksum(.crc32)
        checksum.update(whole)
        #expect(found.checksum?.bytes == checksum.finish())
    }
}
