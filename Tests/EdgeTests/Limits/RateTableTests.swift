import Synchronization
import Testing

@testable import Edge

@Suite struct RateTableTests {
    private static let second: UInt64 = 1_000_000
    private static let start: UInt64 = 1 << 39

    /// Keys that share one set, each with a tag of its own.
    private func keys(_ count: Int, of table: RateTable) -> [UInt64] {
        (1...count).map { UInt64($0) << 40 }
    }

    @Test func `each key has a bucket of its own`() {
        let table = RateTable(capacity: 1024)
        let bucket = TokenBucket(perSecond: 1, burst: 2)
        for key in keys(4, of: table) {
            #expect(table.take(1, of: key, from: bucket, at: Self.start) == .taken)
            #expect(table.take(1, of: key, from: bucket, at: Self.start) == .taken)
            #expect(table.take(1, of: key, from: bucket, at: Self.start) == .refused(after: Self.second))
        }
    }

    @Test func `a full bucket makes room without a loss`() {
        let table = RateTable(capacity: RateTable.ways)
        let bucket = TokenBucket(perSecond: 1, burst: 1)
        for key in keys(RateTable.ways, of: table) {
            #expect(table.take(1, of: key, from: bucket, at: Self.start) == .taken)
        }
        let later = Self.start + Self.second
        for key in keys(2 * RateTable.ways, of: table).suffix(RateTable.ways) {
            #expect(table.take(1, of: key, from: bucket, at: later) == .taken)
        }
    }

    @Test func `with no room left the one closest to full is forgotten and nobody is refused`() {
        let table = RateTable(capacity: RateTable.ways)
        let bucket = TokenBucket(perSecond: 1, burst: 10)
        let known = keys(RateTable.ways, of: table)
        for (index, key) in known.enumerated() {
            #expect(table.take(index + 1, of: key, from: bucket, at: Self.start) == .taken)
        }
        let newcomer = UInt64(99) << 40
        #expect(table.take(1, of: newcomer, from: bucket, at: Self.start) == .takenForgetting)
        #expect(table.debt(of: known[0], at: Self.start) == 0)
        #expect(table.debt(of: known[1], at: Self.start) == 2 * Self.second)
    }

    @Test func `a clock that wraps takes nothing from anybody`() {
        let table = RateTable(capacity: 1024)
        let bucket = TokenBucket(perSecond: 1, burst: 1)
        let key: UInt64 = 7 << 40 | 5
        let wrap: UInt64 = 1 << 40
        #expect(table.take(1, of: key, from: bucket, at: wrap - 1) == .taken)
        #expect(table.take(1, of: key, from: bucket, at: wrap) == .refused(after: Self.second - 1))
        #expect(table.take(1, of: key, from: bucket, at: wrap + Self.second) == .taken)
    }

    @Test func `a loop whose clock is behind sees the debt`() {
        let table = RateTable(capacity: 1024)
        let bucket = TokenBucket(perSecond: 1, burst: 1)
        #expect(table.take(1, of: 1 << 40, from: bucket, at: Self.start) == .taken)
        #expect(table.take(1, of: 1 << 40, from: bucket, at: Self.start - 900) == .refused(after: Self.second + 900))
    }

    @Test func `eight threads together take what one may`() async {
        let table = RateTable(capacity: 1024)
        let bucket = TokenBucket(perSecond: 1, burst: 1000)
        let key: UInt64 = 3 << 40 | 9
        // Known before the race: two loops that meet a client first in the same moment may both begin its bucket.
        #expect(table.take(1, of: key, from: bucket, at: Self.start) == .taken)
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<1000).count { _ in
                        var verdict = table.take(1, of: key, from: bucket, at: Self.start)
                        if verdict == .takenForgetting { verdict = .taken }
                        return verdict == .taken
                    }
                }
            }
            return await group.reduce(0, +)
        }
        let left = bucket.tokens(owing: table.debt(of: key, at: Self.start))
        #expect(left == 0)
        // Who loses eight races in a row is let through uncounted.
        #expect(taken >= 999 && taken <= 1050)
    }
}
