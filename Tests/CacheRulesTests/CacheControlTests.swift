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
        ("max-age=abc", 0), ("max-age", 0), ("max-age=", 0), ("max-age=1.5", 0), ("max-age=60, max-age=5", 5),
        ("max-age=5, max-age=60", 5), ("max-age = 7", 7), ("max-age=\"8\"", 8), ("max-age=\"", 0),
    ])
    func `a doubtful lifetime is short and a huge one bounded`(value: String, seconds: Int) {
        #expect(CacheControl(value).maxAge == seconds)
    }

    @Test func `a comma inside quotes does not make a directive`() {
        let control = CacheControl("private=\"set-cookie, no-store\", max-age=1")
        #expect(control.isPrivate)
        #expect(!control.noStore)
        #expect(control.maxAge == 1)
    }

    @Test func `stale windows are read`() {
        let control = CacheControl("stale-while-revalidate=30,stale-if-error=86400")
        #expect(control.staleWhileRevalidate == 30)
        #expect(control.staleIfError == 86_400)
    }

    @Test func `unknown directives are passed over`() {
        #expect(CacheControl("x, y=z, no-transform, ;;, =") == CacheControl())
    }
}
