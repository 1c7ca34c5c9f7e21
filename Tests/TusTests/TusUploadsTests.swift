import Bytes
import Catalog
import Crypto
import Synchronization
import TestKit
import Testing
import Tus
import TusWire

@Suite struct TusUploadsTests {
    private let bytes = Bench.bytes(3 << 20)

    @Test func `a file that comes in several requests is an upload like any other, announced once`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 3 << 20)
        #expect(try await bench.send(bytes.prefix(1_500_000), at: 0, to: id) == 1_500_000)
        #expect(try await bench.file() == nil)
        #expect(try await bench.events().isEmpty)
        #expect(try await bench.send(bytes.dropFirst(1_500_000), at: 1_500_000, to: id) == 3 << 20)
        #expect(try await bench.file() == bytes)
        let events = try await bench.events()
        #expect(events.map(\.name) == ["ObjectCreated:Put"] && events.map(\.key) == ["v/original"])
        #expect(events.first?.size == 3 << 20 && bench.stored.count.withLock { $0 } == 1)
        #expect(try await bench.orphans().isEmpty)
        #expect(try await bench.catalog.read { try $0.discardedBlobs(limit: 9) }.isEmpty)
    }

    @Test func `a file that comes at once has its MD5 as its tag`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 5)
        try await bench.send(Array("hello".utf8), at: 0, to: id)
        #expect(try await bench.events().first?.etag == Hex.encode(Digest.md5(Array("hello".utf8))))
        #expect(try await bench.catalog.read { try $0.video(id: "v") }?.declaredSize == 5)
    }

    @Test func `whoever did not hear the answer asks, and finds the file whole`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 5)
        try await bench.send([1, 2, 3, 4, 5], at: 0, to: id)
        #expect(try await bench.offset(of: id) == 5)
        #expect(try await bench.send([], at: 5, to: id) == 5)
        #expect(bench.stored.count.withLock { $0 } == 1)
    }

    @Test func `what broke off is kept, and the rest goes behind it`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 3 << 20)
        await #expect(throws: Body.BrokenOff.self) {
            try await bench.uploads.append(
                Body(pieces: [Array(bytes.prefix(700_000)), Array(bytes[700_000..<900_000])], end: .broken),
                TusDelivery(offset: 0), to: id, ownerId: "anna")
        }
        #expect(try await bench.offset(of: id) == 900_000)
        try await bench.send(bytes.dropFirst(900_000), at: 900_000, to: id)
        #expect(try await bench.file() == bytes)
    }

    @Test func `bytes belong behind those that are there, and nowhere else`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 10)
        try await bench.send([1, 2, 3], at: 0, to: id)
        for offset in [0, 2, 4, 10] as [Int64] {
            let refusal = await #expect(throws: TusRefusal.self) { try await bench.send([9], at: offset, to: id) }
            #expect(refusal?.code == .wrongOffset)
        }
        #expect(try await bench.offset(of: id) == 3)
    }

    @Test func `more than was announced is refused, and nothing of it is kept`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 10)
        try await bench.send([1, 2, 3], at: 0, to: id)
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.send(bytes.prefix(8), at: 3, to: id) }
        #expect(refusal?.code == .tooLarge)
        #expect(try await bench.offset(of: id) == 3)
        #expect(try await bench.orphans().isEmpty)
        let large = await #expect(throws: TusRefusal.self) { try await bench.begin("w", length: 17 << 20) }
        #expect(large?.code == .tooLarge)
    }

    @Test(arguments: [
        ("sha1", Digest.sha1(Array("hello".utf8))), ("sha256", Digest.sha256(Array("hello".utf8))),
        ("md5", Digest.md5(Array("hello".utf8))), ("crc32", [0x36, 0x10, 0xa6, 0x86]),
    ])
    func `bytes that are not those of the checksum are thrown away`(_ name: String, _ sum: [UInt8]) async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 10)
        let checksum = "\(name) \(Base64.encode(sum))"
        let refusal = await #expect(throws: TusRefusal.self) {
            try await bench.send(Array("hullo".utf8), at: 0, to: id, checksum: checksum)
        }
        #expect(refusal?.code == .checksumMismatch)
        #expect(try await bench.offset(of: id) == 0)
        #expect(try await bench.orphans().isEmpty)
        #expect(try await bench.send(Array("hello".utf8), at: 0, to: id, checksum: checksum) == 5)
    }

    @Test func `what broke off and has a checksum is thrown away`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 10)
        let delivery = TusDelivery(offset: 0, checksum: try UploadChecksum("crc32 AAAAAA=="))
        await #expect(throws: Body.BrokenOff.self) {
            _ = try await bench.uploads.append(Body(pieces: [[1]], end: .broken), delivery, to: id, ownerId: "anna")
        }
        #expect(try await bench.offset(of: id) == 0)
        #expect(try await bench.orphans().isEmpty)
    }

    @Test func `a length that nobody knew ends the upload when it is said`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: nil)
        try await bench.send([1, 2, 3], at: 0, to: id)
        #expect(try await bench.uploads.status(of: id, ownerId: "anna").upload.length == nil)
        for length in [0, 2] as [Int64] {
            let refusal = await #expect(throws: TusRefusal.self) {
                try await bench.send([], at: 3, to: id, length: length)
            }
            #expect(refusal?.code == .wrongLength)
        }
        #expect(try await bench.send([4], at: 3, to: id, length: 5) == 4)
        let other = await #expect(throws: TusRefusal.self) { try await bench.send([], at: 4, to: id, length: 6) }
        #expect(other?.code == .wrongLength)
        try await bench.send([5], at: 4, to: id)
        #expect(try await bench.file() == [1, 2, 3, 4, 5])
        #expect(try await bench.catalog.read { try $0.video(id: "v") }?.declaredSize == 5)
    }

    @Test func `a length that is there already ends the upload without a byte`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: nil)
        try await bench.send([1, 2, 3], at: 0, to: id)
        #expect(try await bench.send([], at: 3, to: id, length: 3) == 3)
        #expect(try await bench.file() == [1, 2, 3] && bench.stored.count.withLock { $0 } == 1)
    }

    @Test func `many small requests make few blobs`() async throws {
        let bench = try Bench()
        let id = try await bench.begin(length: 300 * 8_192)
        let bytes = Bench.bytes(300 * 8_192)
        var most = 0
        for number in 0..<300 {
            let start = number * 8_192
            try await bench.send(bytes[start..<start + 8_192], at: Int64(start), to: id)
            most = max(most, try await bench.catalog.read { try $0.lastUploadParts(of: id, limit: 99) }.count)
        }
        #expect(most <= 10)
        #expect(try await bench.file() == bytes)
        #expect(try await bench.orphans().isEmpty)
    }
}
