import CacheRules
import HTTPWire
import Testing

/// RFC 9213: directives aimed at this cache, in structured fields (RFC 8941).
struct TargetedCacheControlTests {
    private let now: Int64 = 1_795_230_000

    private func directives(_ headers: Headers) -> CachingDirectives { CachingDirectives(headers, now: now) }

    @Test func `the most specific field takes the place of all others`() {
        let all: Headers = [
            "Cache-Control": "no-store", "Expires": HTTPDate.format(now + 5), "CDN-Cache-Control": "max-age=60",
            "Weir-CDN-Cache-Control": "max-age=90, stale-if-error=5",
        ]
        #expect(directives(all).control.maxAge == 90)
        #expect(directives(all).control.staleIfError == 5)
        #expect(directives(all).field == "Weir-CDN-Cache-Control")
        #expect(directives(all).expires == nil)
        #expect(!directives(all).control.noStore)
        var general = all
        general.remove("Weir-CDN-Cache-Control")
        #expect(directives(general).control.maxAge == 60)
        #expect(directives(general).field == "CDN-Cache-Control")
    }

    @Test(arguments: [
        "", " ", "max-age=", "Max-Age=60", "max-age=60,", "max-age=60;", "max-age=60 s", "\"a\"", "max-age=1, ,a",
    ])
    func `an empty or malformed field counts for nothing`(value: String) {
        let headers: Headers = ["CDN-Cache-Control": value, "Cache-Control": "max-age=5"]
        #expect(directives(headers).control.maxAge == 5)
        #expect(directives(headers).field == "Cache-Control")
    }

    @Test func `several lines are one dictionary, and of a key given twice the last counts`() {
        var headers: Headers = ["CDN-Cache-Control": "max-age=60, no-store"]
        headers.add("CDN-Cache-Control", "max-age=70;why=\"x\"")
        #expect(directives(headers).control.maxAge == 70)
        #expect(directives(headers).control.noStore)
    }

    @Test func `a value of the wrong type is one in doubt`() {
        let control = directives([
            "CDN-Cache-Control": "max-age=1.5, s-maxage=\"60\", no-store=?0, public=(1), private=tok"
        ])
        .control
        #expect(control.maxAge == 0)
        #expect(control.sharedMaxAge == 60)
        #expect(!control.noStore && !control.isPublic)
        #expect(control.isPrivate)
        #expect(directives(["CDN-Cache-Control": "max-age=-1"]).control.maxAge == 0)
        #expect(directives(["CDN-Cache-Control": "max-age"]).control.maxAge == 0)
        #expect(directives(["CDN-Cache-Control": "no-cache=\"x-a\""]).control.noCacheFields == ["x-a"])
    }
}

struct StructuredDictionaryTests {
    @Test func `every kind of item is read`() {
        let read = StructuredDictionary(
            " a=1, b=-2.5;p=?0,\tc=\"q\\\"\\\\ \", d=to/k:en*, e=:aGk=:, f=?1, g;x=\"y\", *h=(1 \"b\";q  c);w, i=() ")
        #expect(read?["a"] == .item(.integer(1)))
        #expect(read?["b"] == .item(.decimal(thousandths: -2500)))
        #expect(read?["c"] == .item(.string("q\"\\ ")))
        #expect(read?["d"] == .item(.token("to/k:en*")))
        #expect(read?["e"] == .item(.bytes([0x68, 0x69])))
        #expect(read?["f"] == .item(.boolean(true)))
        #expect(read?["g"] == .item(.boolean(true)))
        #expect(read?["*h"] == .list([.integer(1), .string("b"), .token("c")]))
        #expect(read?["i"] == .list([]))
        #expect(read?["j"] == nil)
    }

    @Test func `an empty field has no member`() {
        #expect(StructuredDictionary("")?.isEmpty == true)
        #expect(StructuredDictionary("   ")?.isEmpty == true)
    }

    @Test(arguments: [
        "A=1", "1a=1", "a=", "a=1,", ",a=1", "a=1 b=2", "a==1", "a=1.", "a=.5", "a=1.2345", "a=1234567890123.1",
        "a=1234567890123456", "a=--1", "a=-", "a=\"", "a=\"\\x\"", "a=\"\u{e9}\"", "a=:a", "a=:a*:", "a=?2", "a=?",
        "a=(1",
        "a=(1\"b\")", "a=(1,2)", "a;", "a;=1", "a;b=", "a=1;B", "a= 1", "a =1", "a=1, \t", "a=@1", "a=\"\t\"",
    ])
    func `one wrong byte and nothing is read`(field: String) {
        #expect(StructuredDictionary(field) == nil)
    }

    @Test func `the longest numbers are exact`() {
        #expect(StructuredDictionary("a=999999999999999")?["a"] == .item(.integer(999_999_999_999_999)))
        #expect(StructuredDictionary("a=-999999999999.999")?["a"] == .item(.decimal(thousandths: -999_999_999_999_999)))
    }
}
