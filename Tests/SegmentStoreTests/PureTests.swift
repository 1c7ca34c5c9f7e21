import Bytes
import Testing

@testable import SegmentStore

@Suite struct SizeClassTests {
    @Test func `every value fills its pages less one header`() {
        for sizeClass in SizeClass.allCases {
            #expect((sizeClass.valueBytes + 16) % 4_096 == 0)
            #expect((sizeClass.valueBytes + 16) / 4_096 == sizeClass.pages)
        }
        #expect(SizeClass.pages64.valueBytes == 262_128)
    }

    @Test(arguments: [
        (1, SizeClass.pages4), (16_368, .pages4), (16_369, .pages8), (131_056, .pages32), (131_057, .pages64),
        (262_128, .pages64),
    ])
    func `a piece takes the smallest class it fits`(_ count: Int, _ expected: SizeClass) {
        #expect(SizeClass(fitting: count) == expected)
    }

    @Test(arguments: [0, 1, 262_127, 262_128, 262_129, 524_256, 1_000_000, 3 << 20])
    func `the pieces of a body add up to it`(_ length: Int) {
        let chunks = (0..<SizeClass.chunkCount(ofLength: length))
        #expect(chunks.reduce(0) { $0 + SizeClass.byteCount(ofChunk: $1, length: length) } == length)
        for sizeClass in SizeClass.allCases {
            let pieces = chunks.filter { SizeClass.of(chunk: $0, length: length) == sizeClass }.count
            #expect(pieces == sizeClass.pieces(ofLength: length))
        }
        let pages = chunks.reduce(0) { $0 + SizeClass.of(chunk: $1, length: length).pages }
        #expect(pages == SizeClass.pages(ofLength: length))
    }
}

@Suite struct SieveTests {
    @Test func `what was never visited leaves in order of arrival`() {
        var sieve = Sieve()
        for slot in [3, 1, 2] as [UInt32] { sieve.insert(slot) }
        var order: [UInt32] = []
        while let slot = sieve.evict(clearVisited: { _ in false }) { order.append(slot) }
        #expect(order == [3, 1, 2])
        #expect(sieve.count == 0)
    }

    @Test func `a visit spares an object one round`() {
        var sieve = Sieve()
        for slot in 0..<4 as Range<UInt32> { sieve.insert(slot) }
        var visited: Set<UInt32> = [0, 2]
        func evict() -> UInt32? { sieve.evict(clearVisited: { visited.remove($0) != nil }) }
        #expect(evict() == 1)
        #expect(evict() == 3)
        #expect(evict() == 0)
        #expect(evict() == 2)
        #expect(evict() == nil)
    }

    @Test func `the hand goes on where it stopped, so a scan of new objects does not flush the old`() {
        var sieve = Sieve()
        for slot in 0..<3 as Range<UInt32> { sieve.insert(slot) }
        var visited: Set<UInt32> = [0, 1, 2]
        func evict() -> UInt32? { sieve.evict(clearVisited: { visited.remove($0) != nil }) }
        for slot in 3..<6 as Range<UInt32> {
            sieve.insert(slot)
            visited.formUnion([0, 1, 2])
            #expect(evict() == slot)
        }
        #expect([0, 1, 2].allSatisfy { sieve.contains($0) })
    }

    @Test func `only what qualifies is taken and the rest keeps its visits`() {
        var sieve = Sieve()
        for slot in 0..<4 as Range<UInt32> { sieve.insert(slot) }
        var visited: Set<UInt32> = [0]
        let taken = sieve.evict(clearVisited: { visited.remove($0) != nil }, where: { $0 == 2 })
        #expect(taken == 2)
        #expect(visited == [0])
        let none = sieve.evict(clearVisited: { _ in true }, where: { $0 == 9 })
        #expect(none == nil)
    }

    @Test func `it holds what a plain list holds, whatever happens`() {
        var random = SystemRandomNumberGenerator()
        var sieve = Sieve()
        var present: Set<UInt32> = []
        for _ in 0..<5_000 {
            let slot = UInt32.random(in: 0..<200, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0 where !present.contains(slot):
                sieve.insert(slot)
                present.insert(slot)
            case 1:
                sieve.remove(slot)
                present.remove(slot)
            default:
                let victim = sieve.evict(clearVisited: { _ in Bool.random(using: &random) })
                if let victim { #expect(present.remove(victim) != nil) }
            }
            #expect(sieve.count == present.count)
        }
        while let victim = sieve.evict(clearVisited: { _ in false }) { #expect(present.remove(victim) != nil) }
        #expect(present.isEmpty)
    }
}

@Suite struct SpaceBudgetTests {
    private let mebibyte = 256

    @Test func `a class may take what the others have not`() {
        var budget = SpaceBudget(capacityPages: 1_024 * mebibyte, batchPages: 8 * mebibyte)
        let alone = budget.limit(of: .pages64)
        #expect(alone * 64 > 850 * mebibyte && alone * 64 < 1_024 * mebibyte)
        budget.setFilePages(512 * mebibyte, of: .pages32)
        #expect(budget.limit(of: .pages64) * 64 < 512 * mebibyte)
        #expect(budget.limit(of: .pages64) * 64 > 400 * mebibyte)
    }

    @Test func `a cache full of chunks still has room for tails`() {
        var budget = SpaceBudget(capacityPages: 1_024 * mebibyte, batchPages: 8 * mebibyte)
        budget.setFilePages(1_024 * mebibyte, of: .pages64)
        for sizeClass in [SizeClass.pages4, .pages8, .pages16, .pages32] {
            #expect(budget.limit(of: sizeClass) * sizeClass.pages > 14 * mebibyte)
        }
    }

    @Test func `only the excess is asked for, and no more than there is`() {
        var budget = SpaceBudget(capacityPages: 16 * mebibyte, batchPages: mebibyte)
        let limit = budget.limit(of: .pages64)
        budget.add(limit - 1, to: .pages64)
        #expect(budget.piecesToEvict(before: 1, in: .pages64) == 0)
        #expect(budget.piecesToEvict(before: 3, in: .pages64) == 2)
        #expect(budget.piecesToEvict(before: 10_000, in: .pages64) == limit - 1)
        budget.add(-1, to: .pages64)
        #expect(budget.usedBytes == (limit - 2) * 262_144)
    }

    @Test func `even the smallest cache takes one chunk`() {
        let budget = SpaceBudget(capacityPages: 4 * mebibyte, batchPages: 64)
        for sizeClass in SizeClass.allCases { #expect(budget.limit(of: sizeClass) >= 1) }
    }
}

@Suite struct OrphanSweepTests {
    private func id(_ number: UInt64) -> ObjectID { ObjectID(rawValue: number) }
    private func found(_ number: UInt64, _ index: UInt32) -> ChunkKey { ChunkKey(id: id(number), index: index) }

    @Test func `chunks without record are orphans and records without chunk incomplete`() {
        let length = 2 * SizeClass.chunkBytes + 1
        var sweep = OrphanSweep(.pages64, expected: [2, 4, 6, 8].map { .init(id: id($0), length: length) })
        let whole = SizeClass.chunkBytes
        let keys: [(UInt64, UInt32)] = [
            (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0), (4, 0), (8, 0), (8, 1), (9, 0),
        ]
        // The tail of 2 lives in another class, and a value of another size is damaged.
        let belonging = keys.filter { object, index in
            sweep.belongs(found(object, index), valueBytes: object == 8 && index == 1 ? whole - 1 : whole)
        }
        #expect(belonging.map { "\($0)/\($1)" } == ["2/0", "2/1", "4/0", "8/0"])
        sweep.finish()
        #expect(sweep.incomplete == [id(4), id(6), id(8)])
    }

    @Test func `tails are looked for in their own class`() {
        var sweep = OrphanSweep(.pages4, expected: [.init(id: id(1), length: SizeClass.chunkBytes + 5)])
        let belonging = [0, 1].filter { sweep.belongs(found(1, $0), valueBytes: 16_368) }
        #expect(belonging == [1])
        sweep.finish()
        #expect(sweep.incomplete.isEmpty)
    }

    @Test func `keys sort by object, then by chunk`() throws {
        func bytes(_ key: ChunkKey) throws -> [UInt8] {
            try key.withBytes { (bytes) throws(StoreError) in [UInt8](bytes) }
        }
        let keys = [found(1, 255), found(1, 256), found(255, 0), found(256, 0), found(1 << 40, 7)]
        let encoded = try keys.map(bytes)
        #expect(zip(encoded, encoded.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        #expect(encoded.map { $0.withUnsafeBytes { ChunkKey($0) } } == keys)
        #expect([UInt8](repeating: 0, count: 11).withUnsafeBytes { ChunkKey($0) } == nil)
    }
}

@Suite struct StoreStateTests {
    @Test func `only a clean end or the same boot is trusted`() {
        func trusted(_ text: String) -> Bool { StoreState.isTrusted(StoreState(Array(text.utf8)), currentBoot: "b1") }
        #expect(trusted("clean b0\n"))
        #expect(trusted("running b1\n"))
        #expect(trusted("handed b1\n"))
        #expect(!trusted("handed b0\n"))
        #expect(!trusted("running b0\n"))
        #expect(!trusted("running\n"))
        #expect(!trusted("sound b1\n"))
        #expect(!trusted(""))
        #expect(!StoreState.isTrusted(nil, currentBoot: "b1"))
        let unknown = StoreState(bootIdentity: StoreState.unknownBoot, end: .running)
        #expect(!StoreState.isTrusted(unknown, currentBoot: StoreState.unknownBoot))
    }

    @Test func `the kernel names its boot`() {
        #expect(StoreState.currentBoot() == StoreState.currentBoot())
        #expect(StoreState.currentBoot() != StoreState.unknownBoot)
    }
}
