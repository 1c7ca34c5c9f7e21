import Bytes
import CacheRules
import Testing

/// RFC 9211: what a cache says about how it answered.
struct CacheStatusTests {
    private func text(_ status: CacheStatus) -> String {
        var buffer = GrowableBuffer()
        status.write(name: "weir", to: &buffer)
        return String(decoding: buffer.readable, as: UTF8.self)
    }

    @Test func `a hit says how long it stays fresh, and a stale one since when it is not`() {
        var hit = CacheStatus(.hit)
        hit.ttl = 30
        #expect(text(hit) == "weir; hit; ttl=30")
        hit.ttl = -5
        hit.detail = .staleIfError
        #expect(text(hit) == "weir; hit; ttl=-5; detail=stale-if-error")
    }

    @Test func `a forwarded request says why, how the origin answered, and what became of it`() {
        var status = CacheStatus(.forwarded(.stale))
        status.forwardStatus = 304
        status.isStored = true
        status.isCollapsed = true
        #expect(text(status) == "weir; fwd=stale; fwd-status=304; stored; collapsed")
    }

    @Test(arguments: [
        (CacheStatus.Forward.bypass, "bypass"), (.method, "method"), (.uriMiss, "uri-miss"), (.varyMiss, "vary-miss"),
        (.miss, "miss"), (.request, "request"), (.stale, "stale"), (.partial, "partial"),
    ])
    func `every reason has its registered name`(reason: CacheStatus.Forward, name: String) {
        #expect(text(CacheStatus(.forwarded(reason))) == "weir; fwd=\(name)")
    }

    @Test func `what the cache made itself is neither hit nor forwarded`() {
        #expect(text(CacheStatus(.generated, detail: .generated)) == "weir; detail=generated")
        #expect(
            text(CacheStatus(.forwarded(.bypass), detail: .tooManyVariants))
                == "weir; fwd=bypass; detail=too-many-variants")
        #expect(text(CacheStatus(.hit, detail: .staleWhileRevalidate)) == "weir; hit; detail=stale-while-revalidate")
    }
}
