import HTTPWire
import Testing

@testable import TokenBuckets

@Suite struct TokenBucketsTests {
    private let rate = Rate(3, perSeconds: 60)

    @Test func `as many as there are tokens at once, then one every interval`() {
        var buckets = TokenBuckets<String>()
        #expect(buckets.take("a", at: rate, nowMilliseconds: 0) == .granted(remaining: 2, fullAfterSeconds: 20))
        #expect(buckets.take("a", at: rate, nowMilliseconds: 0) == .granted(remaining: 1, fullAfterSeconds: 40))
        #expect(buckets.take("a", at: rate, nowMilliseconds: 0) == .granted(remaining: 0, fullAfterSeconds: 60))
        #expect(buckets.take("a", at: rate, nowMilliseconds: 0) == .refused(retryAfterSeconds: 20, isFirst: true))
        #expect(buckets.take("a", at: rate, nowMilliseconds: 19_999) == .refused(retryAfterSeconds: 1, isFirst: false))
        #expect(buckets.take("a", at: rate, nowMilliseconds: 20_000) == .granted(remaining: 0, fullAfterSeconds: 60))
    }

    @Test func `one key's tokens are not another's`() {
        var buckets = TokenBuckets<String>()
        for _ in 0..<3 { _ = buckets.take("a", at: rate, nowMilliseconds: 0) }
        #expect(!buckets.take("a", at: rate, nowMilliseconds: 0).isGranted)
        #expect(buckets.take("b", at: rate, nowMilliseconds: 0).isGranted)
    }

    @Test func `what is given back can be taken again`() {
        var buckets = TokenBuckets<String>()
        for _ in 0..<3 { _ = buckets.take("a", at: rate, nowMilliseconds: 0) }
        buckets.giveBack("a", at: rate)
        #expect(buckets.take("a", at: rate, nowMilliseconds: 0).isGranted)
        #expect(!buckets.take("a", at: rate, nowMilliseconds: 0).isGranted)
    }

    @Test func `a refusal is the first once in the rate's time`() {
        var buckets = TokenBuckets<String>()
        let rate = Rate(1, perSeconds: 60)
        _ = buckets.take("a", at: rate, nowMilliseconds: 0)
        #expect(buckets.take("a", at: rate, nowMilliseconds: 1) == .refused(retryAfterSeconds: 60, isFirst: true))
        #expect(buckets.take("a", at: rate, nowMilliseconds: 59_000) == .refused(retryAfterSeconds: 1, isFirst: false))
        _ = buckets.take("a", at: rate, nowMilliseconds: 60_000)
        #expect(buckets.take("a", at: rate, nowMilliseconds: 60_002) == .refused(retryAfterSeconds: 60, isFirst: true))
    }

    @Test func `no tokens at all means any number`() {
        var buckets = TokenBuckets<String>()
        for _ in 0..<1_000 {
            #expect(buckets.take("a", at: Rate(0, perSeconds: 1), nowMilliseconds: 0).isGranted)
        }
        buckets.giveBack("a", at: Rate(0, perSeconds: 1))
        #expect(buckets.count == 0)
    }

    @Test func `the table has an end, and who owes most stays in it`() {
        var buckets = TokenBuckets<Int>(capacity: 100)
        for _ in 0..<3 { _ = buckets.take(-1, at: rate, nowMilliseconds: 0) }
        for key in 0..<10_000 {
            #expect(buckets.take(key, at: rate, nowMilliseconds: 0).isGranted)
            #expect(buckets.count <= 100)
        }
        #expect(!buckets.take(-1, at: rate, nowMilliseconds: 0).isGranted)
    }
}

@Suite struct ClientNetworkTests {
    @Test func `a client is an address of IPv4 and half a one of IPv6`() throws {
        #expect(try #require(IPAddress("203.0.113.9")).client == IPAddress("203.0.113.9"))
        #expect(try #require(IPAddress("2001:db8:1:2:3:4:5:6")).client == IPAddress("2001:db8:1:2::"))
    }
}
