import CacheRules
import HTTPWire
import Testing

struct CacheControlTests {
    @Test func `directives are read in any case, quoted or not, over several fields`() {
        let control = CacheControl([
            "Cache-Control": "PUBLIC , Max-Age=60", "cache-control": "s-maxage=\"120\",, immutable",
        ])
        #expect(control.isPublic)
        #expect(control.maxAge == 60)
        #expect(control.sharedMaxAge == 120)
        #expect(control.isImmutable)
        #expect(!control.noStore)
    }

    @Test(arguments: [
        ("max-age=99999999999999999999999", 1 << 31), ("max-age=2147483649", 1 << 31), ("max-age=-1", 0),
        ("max-age=abc", 0), ("max-age", 0), ("max-age=", 0), ("max-age=1.5", 0), ("max-age=60, max-age=5", 60),
        ("max-age=5, max-age=60", 5), ("max-age=x, max-age=60", 0), ("max-age = 7", 7), ("max-age=\"8\"", 8),
        ("max-age=\"", 0),
    ])
    func `a doubtful lifetime is short and a huge one bounded`(value: String, seconds: Int) {
        #expect(CacheControl(value).maxAge == seconds)
    }

    @Test func `a comma inside quotes does not make a directive`() {
        let control = CacheControl("private=\"set-cookie, no-store\", max-age=1")
        #expect(!control.isPrivate)
        #expect(control.privateFields == ["set-cookie", "no-store"])
        #expect(!control.noStore)
        #expect(control.maxAge == 1)
    }

    @Test func `stale windows are read`() {
        let control = CacheControl("stale-while-revalidate=30,stale-if-error=86400")
        #expect(control.staleWhileRevalidate == 30)
        #expect(control.staleIfError == 86_400)
    }

    @Test func `a qualified prohibition names its fields, and one that names none counts as the whole`() {
        let qualified = CacheControl("no-cache=\"Set-Cookie , X-\\\"A\", no-cache=X-B, PRIVATE=\"x-c\"")
        #expect(qualified.noCacheFields == ["set-cookie", "x-b"])
        #expect(qualified.withheldFields == ["x-c", "set-cookie", "x-b"])
        #expect(!qualified.noCache && !qualified.isPrivate)
        for empty in ["private=\"\", no-cache=", "private=\" , \", no-cache=\"(\"", "private, private=\"a\", no-cache"]
        {
            #expect(CacheControl(empty).isPrivate && CacheControl(empty).noCache, "\(empty)")
        }
    }

    @Test func `flags hold with or without an argument`() {
        let control = CacheControl("no-store=1, must-revalidate=x, must-understand, no-transform, proxy-revalidate")
        #expect(control.noStore && control.mustRevalidate && control.mustUnderstand && control.noTransform)
        #expect(control.proxyRevalidate)
    }

    @Test func `unknown directives are passed over`() {
        #expect(CacheControl("x, y=z, community=\"UCI\", ;;, =") == CacheControl())
    }
}
