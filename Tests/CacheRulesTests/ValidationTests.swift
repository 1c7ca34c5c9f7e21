import CacheRules
import HTTPWire
import Testing

/// RFC 9111 §3.2, §4.3: asking the origin, and what its answer means.
struct ValidationTests {
    private let now: Int64 = 1_795_230_000
    private let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private let stored = Validation.Stored(entityTag: "\"a\"", lastModified: 784_111_777, length: 10)

    @Test func `a condition carries every validator there is`() {
        #expect(Validation.condition(for: stored) == ["If-None-Match": "\"a\"", "If-Modified-Since": date])
        let dated = Validation.Stored(entityTag: "", lastModified: 784_111_777, length: 10)
        #expect(Validation.condition(for: dated) == ["If-Modified-Since": date])
        #expect(Validation.condition(for: .init(entityTag: "", lastModified: nil, length: 1)) == [:])
    }

    @Test func `a 304 confirms what it names, or what was asked if it names nothing`() {
        #expect(Validation.confirms([:], stored, now: now))
        #expect(Validation.confirms(["ETag": "\"a\""], stored, now: now))
        #expect(Validation.confirms(["ETag": "W/\"a\""], stored, now: now))
        #expect(!Validation.confirms(["ETag": "\"b\""], stored, now: now))
        #expect(!Validation.confirms(["ETag": "b"], stored, now: now))
        #expect(Validation.confirms(["Last-Modified": date], stored, now: now))
        #expect(!Validation.confirms(["Last-Modified": "Sun, 06 Nov 1994 08:49:38 GMT"], stored, now: now))
        #expect(Validation.confirms(["ETag": "\"a\"", "Last-Modified": HTTPDate.format(now)], stored, now: now))
        let odd = Validation.Stored(entityTag: "odd", lastModified: nil, length: 1)
        #expect(Validation.confirms(["ETag": "odd"], odd, now: now))
    }

    @Test(arguments: ["content-type", "content-encoding", "content-length", "content-range", "etag"])
    func `a 304 does not change what describes the stored bytes`(name: String) {
        #expect(!Validation.updates(name))
    }

    @Test(arguments: ["cache-control", "expires", "x-a", "content-security-policy", "last-modified", "vary"])
    func `a 304 changes every other field`(name: String) {
        #expect(Validation.updates(name))
    }

    @Test func `a HEAD with another length or validator shows that the stored response is old`() {
        #expect(
            !Validation.contradicts(["ETag": "\"a\"", "Content-Length": "10", "Last-Modified": date], stored, now: now))
        #expect(!Validation.contradicts([:], stored, now: now))
        #expect(Validation.contradicts(["Content-Length": "11"], stored, now: now))
        #expect(Validation.contradicts(["ETag": "\"b\""], stored, now: now))
        #expect(Validation.contradicts(["Last-Modified": HTTPDate.format(now)], stored, now: now))
    }
}
