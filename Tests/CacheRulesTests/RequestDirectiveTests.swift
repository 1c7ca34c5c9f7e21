import CacheRules
import HTTPWire
import Testing

/// RFC 9111 §5.2.1 and §5.4: what a client may ask of a cache.
struct RequestDirectiveTests {
    private func accepts(
        _ value: String, age: Int = 0, left: Int = 60, mayBeStale: Bool = true, isImmutable: Bool = false
    ) -> Bool {
        RequestCacheControl(["Cache-Control": value]).accepts(
            ageSeconds: age, freshSecondsLeft: left, mayBeStale: mayBeStale, isImmutable: isImmutable)
    }

    @Test func `without a directive a fresh response is accepted and a stale one is not`() {
        #expect(accepts(""))
        #expect(accepts("", left: 1))
        #expect(!accepts("", left: 0))
    }

    @Test func `no-cache accepts nothing`() {
        #expect(!accepts("no-cache"))
        #expect(!accepts("no-cache", isImmutable: true))
    }

    @Test func `max-age bounds the age`() {
        #expect(accepts("max-age=10", age: 10))
        #expect(!accepts("max-age=10", age: 11))
        #expect(!accepts("max-age=0", age: 1))
        #expect(accepts("max-age=0", age: 1, isImmutable: true))
        #expect(!accepts("max-age=0", age: 1, left: 0, isImmutable: true))
        #expect(!accepts("max-age=x", age: 1))
    }

    @Test func `min-fresh wants freshness left`() {
        #expect(accepts("min-fresh=60"))
        #expect(!accepts("min-fresh=61"))
        #expect(!accepts("min-fresh=1, max-stale", left: 0))
    }

    @Test func `max-stale takes stale responses unless those forbid it`() {
        #expect(accepts("max-stale", left: -1_000_000))
        #expect(accepts("max-stale=10", left: -10))
        #expect(!accepts("max-stale=10", left: -11))
        #expect(accepts("max-stale=0", left: 0))
        #expect(!accepts("max-stale", left: 0, mayBeStale: false))
        #expect(!accepts("max-stale, max-age=5", age: 6, left: -1))
    }

    @Test func `Pragma counts where there is no Cache-Control`() {
        #expect(RequestCacheControl(["Pragma": "x, No-Cache"]).noCache)
        #expect(!RequestCacheControl(["Pragma": "no-cache", "Cache-Control": "max-age=1"]).noCache)
        #expect(!RequestCacheControl(["Pragma": "no-store"]).noStore)
    }

    @Test func `only-if-cached and no-store are read`() {
        let control = RequestCacheControl(["Cache-Control": "ONLY-IF-CACHED", "cache-control": "no-store"])
        #expect(control.onlyIfCached && control.noStore)
    }
}
