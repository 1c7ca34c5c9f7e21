import Testing

@testable import Edge

@Suite struct TokenBucketTests {
    private static let second: UInt64 = 1_000_000

    @Test func `a full bucket gives its burst at once and nothing more`() {
        let bucket = TokenBucket(perSecond: 10, burst: 3)
        var debt: UInt64 = 0
        for taken in 1...3 {
            #expect(bucket.take(1, owing: debt) == .taken(debt: UInt64(taken) * Self.second / 10))
            debt = UInt64(taken) * Self.second / 10
        }
        #expect(bucket.take(1, owing: debt) == .refused(after: Self.second / 10))
    }

    @Test func `a token comes back each interval`() {
        let bucket = TokenBucket(perSecond: 10, burst: 3)
        let empty: UInt64 = 300_000
        #expect(bucket.take(1, owing: empty - 99_999) == .refused(after: 1))
        #expect(bucket.take(1, owing: empty - 100_000) == .taken(debt: empty))
        #expect(bucket.tokens(owing: empty) == 0)
        #expect(bucket.tokens(owing: empty - 250_000) == 2)
        #expect(bucket.tokens(owing: 0) == 3)
    }

    @Test func `over any time no more is taken than the burst and the rate allow`() {
        let bucket = TokenBucket(perSecond: 7, burst: 5)
        var (fullAt, taken): (UInt64, Int) = (0, 0)
        for now in stride(from: 0, through: 20 * Self.second, by: 1_003) {
            if case .taken(let debt) = bucket.take(1, owing: fullAt > now ? fullAt - now : 0) {
                fullAt = now + debt
                taken += 1
            }
        }
        #expect(taken >= 5 + 7 * 20 - 1 && taken <= 5 + 7 * 20)
    }

    @Test func `bytes that are gone are owed, and what follows waits for them`() {
        let bucket = TokenBucket(perSecond: 1_000_000, burst: 500_000)
        let debt = bucket.spend(2_000_000, owing: 0)
        #expect(debt == 2 * Self.second)
        #expect(bucket.tokens(owing: debt) == 0)
        #expect(bucket.take(100_000, owing: debt) == .refused(after: 1_600_000))
    }

    @Test func `a debt of other rules is at most what these allow`() {
        let bucket = TokenBucket(perSecond: 1000, burst: 1000)
        guard case .refused(let after) = bucket.take(1, owing: .max) else {
            Issue.record("a request beyond every limit was let through")
            return
        }
        #expect(after <= 61 * Self.second)
    }

    @Test func `the largest numbers overflow nothing`() {
        let bucket = TokenBucket(perSecond: 10_737_418_240, burst: 1_099_511_627_776)
        #expect(bucket.tokens(owing: 0) > 1_000_000_000_000)
        #expect(bucket.spend(.max, owing: .max) <= TokenBucket.longestDebt)
        let slow = TokenBucket(perSecond: 1, burst: TokenBucket.longestFillSeconds)
        #expect(slow.spend(.max, owing: .max) <= TokenBucket.longestDebt)
    }
}
