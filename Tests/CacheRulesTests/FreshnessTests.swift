import CacheRules
import HTTPWire
import Testing

/// RFC 9111 §4.2: lifetimes, heuristics and ages.
struct FreshnessTests {
    private let now: Int64 = 1_795_230_000

    private func freshness(_ headers: Headers, policy: TTLPolicy = TTLPolicy(), delay: Int64 = 0) -> Freshness? {
        let outcome = CacheRules.storability(
            request: CacheRequest(method: .get), status: .ok, headers: headers, policy: policy, now: now,
            responseDelay: delay)
        guard case .storable(let freshness) = outcome else { return nil }
        return freshness
    }

    private func tagged(_ headers: Headers) -> Headers {
        var headers = headers
        headers.set("ETag", "\"a\"")
        return headers
    }

    @Test func `a tenth of the time since Last-Modified is the lifetime where the operator wants the heuristic`() {
        let policy = TTLPolicy(minimum: 10, default: 86_400, maximum: 3600, usesHeuristic: true)
        let hour: Headers = ["Last-Modified": HTTPDate.format(now - 36_000 / 2)]
        #expect(freshness(hour, policy: policy)?.freshForSeconds == 1800)
        #expect(freshness(hour, policy: policy)?.source == .heuristic)
        #expect(freshness(hour)?.freshForSeconds == 86_400)
        let age: Headers = ["Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"]
        #expect(freshness(age, policy: policy)?.freshForSeconds == 3600)
        let young: Headers = ["Last-Modified": HTTPDate.format(now + 50)]
        #expect(freshness(young, policy: policy)?.freshForSeconds == 10)
        #expect(freshness(["Last-Modified": "soon"], policy: policy)?.source == .policy)
        let dated: Headers = ["Last-Modified": HTTPDate.format(now - 1100), "Date": HTTPDate.format(now - 100)]
        #expect(freshness(dated, policy: policy)?.freshForSeconds == 0)
        let explicit: Headers = ["Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT", "Cache-Control": "max-age=60"]
        #expect(freshness(explicit, policy: policy)?.freshForSeconds == 60)
    }

    @Test(arguments: [
        "Thursday, 19-Nov-26 05:00:20 GMT", "Thu Nov 19 05:00:20 2026", "Thu, 19 Nov 2026 05:00:20 GMT",
    ])
    func `Expires is read in all three forms`(value: String) throws {
        let moment = try #require(HTTPDate.parse("Thu, 19 Nov 2026 05:00:20 GMT"))
        let headers: Headers = ["Expires": value, "Date": HTTPDate.format(moment - 200_000)]
        #expect(freshness(tagged(headers))?.source == .expires)
        let directives = CachingDirectives(headers, now: now)
        #expect(directives.expires == moment)
    }

    @Test(arguments: [
        "", "0", "-1", "never", "Thu, 99 Nov 2026 05:00:20 GMT", "2026-11-19", "Thu, 19 Nov 2026 05:00:20 CET",
    ])
    func `an Expires that is no date has passed`(value: String) {
        #expect(freshness(tagged(["Expires": value]))?.freshForSeconds == 0)
        #expect(freshness(["Expires": value]) == nil)
    }

    @Test func `a two-digit year is at most fifty years ahead`() throws {
        let past = CachingDirectives(["Expires": "Monday, 01-Jan-78 00:00:00 GMT"], now: now)
        #expect(past.expires == HTTPDate.parse("Sun, 01 Jan 1978 00:00:00 GMT"))
        let future = CachingDirectives(["Expires": "Wednesday, 01-Jan-75 00:00:00 GMT"], now: now)
        #expect(future.expires == HTTPDate.parse("Tue, 01 Jan 2075 00:00:00 GMT"))
    }

    @Test func `of several Expires the first counts`() {
        var headers: Headers = ["Expires": HTTPDate.format(now + 30)]
        headers.add("Expires", HTTPDate.format(now + 3000))
        #expect(freshness(headers)?.freshForSeconds == 30)
    }

    @Test func `lifetimes from several lines are one list`() {
        var headers: Headers = ["Cache-Control": "public"]
        headers.add("Cache-Control", "max-age=60")
        headers.add("Cache-Control", "s-maxage=90")
        #expect(freshness(headers)?.freshForSeconds == 90)
    }

    @Test func `the time a request took counts as age`() {
        let headers: Headers = ["Cache-Control": "max-age=60", "Age": "10"]
        #expect(freshness(headers, delay: 7)?.freshForSeconds == 43)
        #expect(freshness(headers, delay: 7)?.initialAgeSeconds == 17)
        var dated = headers
        dated.set("Date", HTTPDate.format(now - 30))
        #expect(freshness(dated, delay: 7)?.initialAgeSeconds == 30)
        #expect(freshness(headers, delay: -5)?.initialAgeSeconds == 10)
    }

    @Test(arguments: [
        ("20", 20), ("20, 30", 20), ("", 0), ("-5", 0), ("1.5", 0), ("abc", 0), (" 7 ", 7), ("\"7\"", 0), (", 7", 0),
        ("99999999999999999999", 1 << 31),
    ])
    func `the first member of Age counts, and what is no number says nothing`(value: String, seconds: Int) {
        #expect(CacheRules.initialAge(["Age": value], now: now) == seconds)
    }

    @Test func `a Date in the future makes nothing younger`() {
        #expect(CacheRules.initialAge(["Date": HTTPDate.format(now + 500), "Age": "3"], now: now) == 3)
        #expect(CacheRules.initialAge(["Date": "Sun, 06 Nov 1994 08:49:37 GMT"], now: now) > 1_000_000_000)
    }
}
