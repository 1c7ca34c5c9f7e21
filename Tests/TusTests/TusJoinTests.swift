import Catalog
import ObjectStore
import Synchronization
import TestKit
import Testing
import Tus

@Suite struct TusJoinTests {
    /// A part with these bytes, cut where the numbers say.
    private func part(_ bytes: [UInt8], cuts: [Int] = [], in bench: Bench) async throws -> String {
        let id = try await bench.uploads.begin(nil, of: "anna", length: Int64(bytes.count), metadata: "").upload.id
        var start = 0
        for end in cuts + [bytes.count] {
            try await bench.send(bytes[start..<end], at: Int64(start), to: id)
            start = end
        }
        return id
    }

    private func join(
        _ parts: [String], of owner: String = "anna", as video: String = "v", in bench: Bench
    ) async throws -> TusStatus {
        try await bench.uploads.join(parts, as: bench.video(video), of: owner, metadata: "m")
    }

    @Test func `a file is made of parts in the order that is asked for, without a byte being written`() async throws {
        let bench = try Bench()
        let bytes = Bench.bytes(3_000_000)
        let last = try await part(Array(bytes[2_500_000...]), in: bench)
        let first = try await part(Array(bytes[..<2_500_000]), cuts: [1_200_000, 2_400_000], in: bench)
        let before = try await bench.blobs.names(writtenBefore: .max, after: "", limit: 99)
        let status = try await join([first, last], in: bench)
        #expect(status.offset == 3_000_000 && status.expiresAt == nil && status.upload.partials == [first, last])
        #expect(try await bench.file() == bytes)
        #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 99) == before)
        #expect(try await bench.catalog.read { try $0.video(id: "v") }?.declaredSize == 3_000_000)
        #expect(try await bench.events().count == 1 && bench.stored.count.withLock { $0 } == 1)
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.offset(of: first) }
        #expect(refusal?.code == .notFound)
    }

    @Test func `asked again for the same parts the answer is the same, and there is one video`() async throws {
        let bench = try Bench()
        let parts = [try await part([1], in: bench), try await part([2], in: bench)]
        let first = try await join(parts, in: bench)
        let again = try await join(parts, as: "w", in: bench)
        #expect(again == first && again.upload.videoId == "v")
        #expect(try await bench.catalog.read { try $0.video(id: "w") } == nil)
        #expect(try await bench.events().count == 1)
    }

    @Test func `what lacks bytes, is somebody else's, no part or not there is not joined`() async throws {
        let bench = try Bench(maximumBytes: 4)
        let whole = try await part([1, 2, 3], in: bench)
        let half = try await bench.uploads.begin(nil, of: "anna", length: 2, metadata: "").upload.id
        let alone = try await bench.begin("alone", length: 1)
        let large = try await part([1, 2], in: bench)
        let refused: [([String], String, TusRefusal.Code)] = [
            ([whole, half], "anna", .unfinished), ([whole], "ben", .noPartial), ([whole, alone], "anna", .noPartial),
            ([whole, "none"], "anna", .noPartial), ([whole, large], "anna", .tooLarge),
        ]
        for (parts, owner, code) in refused {
            let refusal = await #expect(throws: TusRefusal.self) { try await join(parts, of: owner, in: bench) }
            #expect(refusal?.code == code)
        }
        #expect(try await bench.catalog.read { try $0.video(id: "v") } == nil)
        #expect(try await bench.offset(of: whole) == 3)
    }

    @Test func `what was joined takes no bytes`() async throws {
        let bench = try Bench()
        let id = try await join([try await part([1], in: bench)], in: bench).upload.id
        let refusal = await #expect(throws: TusRefusal.self) { try await bench.send([2], at: 1, to: id) }
        #expect(refusal?.code == .isFinal)
    }
}
