import Testing

@testable import Edge

/// What keeps a popular object from being looked up for prefetching at every request.
@Suite struct RecentRequestsTests {
    @Test func `the first request of a second counts, further ones of the same key do not`() {
        var recent = RecentRequests()
        let asked: [(Int, Int64)] = [(7, 100), (7, 100), (8, 100), (7, 100), (7, 101)]
        let first = asked.map { recent.isFirst($0.0, now: $0.1) }
        #expect(first == [true, false, true, false, true])
    }

    @Test func `of two keys with one place the later one is remembered`() {
        var recent = RecentRequests()
        let first = [7, 7 + 2048, 7 + 2048, 7].map { recent.isFirst($0, now: 100) }
        #expect(first == [true, true, false, true])
    }

    @Test func `a key's hash depends on every byte and the length, and on the process`() {
        func hash(_ text: String, _ random: UInt64) -> Int {
            Array(text.utf8).withUnsafeBytes { KeyHash(random: random)($0) }
        }
        let seed: UInt64 = 0x9e37_79b9_7f4a_7c15
        let keys = (0..<2000).flatMap { ["/media/v/\($0).m4s", "/media/\($0)/index.m3u8"] } + ["", "a", "a\0", "\0a"]
        #expect(Set(keys.map { hash($0, seed) }).count == keys.count)
        #expect(Set(keys.map { hash($0, seed) & 2047 }).count > 1500)
        #expect(hash(keys[0], seed) == hash(keys[0], seed))
        #expect(hash(keys[0], seed) != hash(keys[0], seed &+ 2))
    }
}
