import CacheRules
import HTTPWire
import Testing

struct StorabilityTests {
    private let now: Int64 = 1_795_230_000

    private func decide(
        _ headers: Headers, status: HTTPStatus = .ok, request: CacheRequest = CacheRequest(method: .get),
        policy: TTLPolicy = TTLPolicy()
    ) -> Storability {
        CacheRules.storability(request: request, status: status, headers: headers, policy: policy, now: now)
    }

    private func freshness(_ headers: Headers, status: HTTPStatus = .ok, policy: TTLPolicy = TTLPolicy()) -> Freshness?
    {
        guard case .storable(let freshness) = decide(headers, status: status, policy: policy) else { return nil }
        return freshness
    }

    @Test func `the shared lifetime goes before the private one, and both before Expires`() {
        let expires = HTTPDate.format(now + 30)
        let all: Headers = ["Cache-Control": "max-age=60, s-maxage=120", "Expires": expires]
        #expect(freshness(all)?.freshForSeconds == 120)
        #expect(freshness(all)?.source == .sharedMaxAge)
        #expect(freshness(["Cache-Control": "max-age=60", "Expires": expires])?.freshForSeconds == 60)
        #expect(freshness(["Expires": expires])?.freshForSeconds == 30)
        #expect(freshness(["Expires": expires])?.source == .expires)
    }

    @Test func `Expires counts from Date`() {
        let headers: Headers = ["Expires": HTTPDate.format(now + 30), "Date": HTTPDate.format(now - 10)]
        #expect(freshness(headers)?.freshForSeconds == 30)
        #expect(freshness(headers)?.initialAgeSeconds == 10)
    }

    @Test func `an unreadable Expires means stale`() {
        #expect(decide(["Expires": "0"]) == .notStorable(.stale))
        #expect(freshness(["Expires": "0", "ETag": "\"a\""])?.freshForSeconds == 0)
    }

    @Test func `the policy fills in and bounds`() {
        let policy = TTLPolicy(minimum: 5, default: 50, maximum: 500, negative: 7)
        #expect(freshness([:], policy: policy)?.freshForSeconds == 50)
        #expect(freshness([:], policy: policy)?.source == .policy)
        #expect(freshness(["Cache-Control": "max-age=0"], policy: policy)?.freshForSeconds == 5)
        #expect(freshness(["Cache-Control": "max-age=9999"], policy: policy)?.freshForSeconds == 500)
        #expect(freshness([:], status: .notFound, policy: policy)?.freshForSeconds == 7)
        #expect(freshness(["Cache-Control": "max-age=60"], status: .gone, policy: policy)?.freshForSeconds == 60)
    }

    @Test func `time spent in other caches counts`() {
        #expect(freshness(["Cache-Control": "max-age=60", "Age": "20"])?.freshForSeconds == 40)
        #expect(freshness(["Cache-Control": "max-age=60", "Age": "20"])?.initialAgeSeconds == 20)
        #expect(decide(["Cache-Control": "max-age=60", "Age": "61"]) == .notStorable(.stale))
        #expect(freshness(["Cache-Control": "max-age=60", "Date": HTTPDate.format(now - 15)])?.freshForSeconds == 45)
        #expect(freshness(["Cache-Control": "max-age=60", "Date": HTTPDate.format(now + 15)])?.freshForSeconds == 60)
        #expect(decide(["Cache-Control": "max-age=60", "Age": "99999999999999999999"]) == .notStorable(.stale))
    }

    @Test(arguments: [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
    func `a status that may be stored without a lifetime is`(code: Int) {
        #expect(freshness([:], status: HTTPStatus(code: code)) != nil)
        #expect(freshness(["Cache-Control": "max-age=60"], status: HTTPStatus(code: code))?.freshForSeconds == 60)
    }

    @Test(arguments: [302, 303, 307, 400, 403, 406, 415, 451, 500, 502, 503, 504])
    func `another status needs a lifetime or public`(code: Int) {
        let status = HTTPStatus(code: code)
        #expect(decide(["ETag": "\"a\""], status: status) == .notStorable(.noLifetime))
        for leave in ["max-age=60", "s-maxage=60", "public"] {
            #expect(freshness(["Cache-Control": leave], status: status) != nil, "\(leave)")
        }
        #expect(freshness(["Expires": HTTPDate.format(now + 9)], status: status)?.freshForSeconds == 9)
    }

    @Test(arguments: [
        100, 103, 201, 202, 205, 206, 207, 226, 299, 304, 305, 401, 402, 407, 408, 409, 411, 412, 413, 416, 417, 418,
        421, 422, 425, 426, 428, 429, 431, 505, 511, 599,
    ])
    func `what depends on who asked how, or is unknown, is never stored`(code: Int) {
        let outcome = decide(["Cache-Control": "public, max-age=60"], status: HTTPStatus(code: code))
        #expect(outcome == .notStorable(.status))
    }

    @Test
    func `an error lasts at least as long as the operator wants, and the lifetimes of good responses do not count`() {
        let policy = TTLPolicy(
            minimum: 50, default: 500, maximum: 5000, negative: 1, errors: [503: 5, 404: 20, 418: 3])
        #expect(freshness([:], status: .serviceUnavailable, policy: policy)?.freshForSeconds == 5)
        #expect(freshness([:], status: .serviceUnavailable, policy: policy)?.source == .errorPolicy)
        #expect(freshness([:], status: .notFound, policy: policy)?.freshForSeconds == 20)
        #expect(freshness(["Cache-Control": "max-age=2"], status: .notFound, policy: policy)?.freshForSeconds == 20)
        #expect(freshness(["Cache-Control": "max-age=90"], status: .notFound, policy: policy)?.freshForSeconds == 90)
        #expect(
            freshness(["Cache-Control": "max-age=9999"], status: .notFound, policy: policy)?.freshForSeconds == 5000)
        #expect(freshness([:], status: .gone, policy: policy)?.freshForSeconds == 1)
        #expect(freshness([:], status: HTTPStatus(code: 418), policy: policy)?.freshForSeconds == 3)
        #expect(decide([:], status: .badGateway, policy: policy) == .notStorable(.noLifetime))
        let forbidden = decide(["Cache-Control": "no-store"], status: .serviceUnavailable, policy: policy)
        #expect(forbidden == .notStorable(.noStore))
    }

    @Test func `must-understand sets no-store aside for a status that is understood, and only then`() {
        let headers: Headers = ["Cache-Control": "must-understand, no-store, max-age=60"]
        #expect(freshness(headers)?.freshForSeconds == 60)
        #expect(decide(headers, status: HTTPStatus(code: 299)) == .notStorable(.status))
        #expect(decide(["Cache-Control": "no-store, max-age=60"]) == .notStorable(.noStore))
    }

    @Test func `a part passed off as a whole is not stored`() {
        #expect(decide(["Cache-Control": "max-age=60", "Content-Range": "bytes 0-1/9"]) == .notStorable(.status))
    }

    @Test(arguments: [HTTPMethod.head, .post, .put, .options, "PROPFIND"])
    func `only GET is stored`(method: HTTPMethod) {
        let outcome = decide(["Cache-Control": "max-age=60"], request: CacheRequest(method: method))
        #expect(outcome == .notStorable(.method))
    }

    @Test func `what is one person's is not stored, whatever the minimum lifetime`() {
        let policy = TTLPolicy(minimum: 60)
        #expect(decide(["Cache-Control": "no-store, max-age=60"], policy: policy) == .notStorable(.noStore))
        #expect(decide(["Cache-Control": "private, max-age=60"], policy: policy) == .notStorable(.isPrivate))
        let cookie: Headers = ["Cache-Control": "public, max-age=60", "Set-Cookie": "a=b"]
        #expect(decide(cookie, policy: policy) == .notStorable(.setsCookie))
    }

    @Test func `a cookie keeps a response out, is taken out of it, or is replayed, as the operator wants`() {
        let cookie: Headers = ["Cache-Control": "max-age=60", "Set-Cookie": "a=b"]
        #expect(freshness(cookie, policy: TTLPolicy(setCookie: .removed))?.withheldFields == ["set-cookie"])
        #expect(freshness(cookie, policy: TTLPolicy(setCookie: .replayed))?.withheldFields == [])
        let named: Headers = ["Cache-Control": "max-age=60, no-cache=\"Set-Cookie\"", "Set-Cookie": "a=b"]
        #expect(freshness(named)?.withheldFields == ["set-cookie"])
        #expect(
            decide(["Cache-Control": "private", "Set-Cookie": "a"], policy: TTLPolicy(setCookie: .replayed))
                == .notStorable(.isPrivate))
    }

    @Test func `fields named by a qualified private or no-cache are kept out and the rest is stored`() {
        let headers: Headers = ["Cache-Control": "max-age=60, private=\"x-user\", no-cache=\"x-quota\""]
        #expect(freshness(headers)?.freshForSeconds == 60)
        #expect(freshness(headers)?.withheldFields == ["x-user", "x-quota"])
    }

    @Test func `Vary with a star is not stored and other names are handed on`() {
        #expect(decide(["Cache-Control": "max-age=60", "Vary": "Origin, *"]) == .notStorable(.variesByAnything))
        let varying: Headers = ["Vary": "Accept-Encoding, ORIGIN", "vary": "origin"]
        #expect(freshness(varying)?.variesBy == ["accept-encoding", "origin"])
    }

    @Test func `authorised requests need leave to be shared`() {
        let request = CacheRequest(method: .get, hasAuthorization: true)
        #expect(decide(["Cache-Control": "max-age=60"], request: request) == .notStorable(.authorization))
        for leave in ["public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate"] {
            guard case .storable(let freshness) = decide(["Cache-Control": leave], request: request) else {
                Issue.record("\(leave) allows sharing")
                continue
            }
            #expect(freshness.allowsAuthorized)
        }
        #expect(freshness(["Cache-Control": "max-age=60"])?.allowsAuthorized == false)
    }

    @Test func `a request may forbid storing`() {
        let request = CacheRequest(method: .get, forbidsStoring: true)
        #expect(decide(["Cache-Control": "max-age=60"], request: request) == .notStorable(.requestNoStore))
    }

    @Test func `no-cache is stored but never fresh, whatever the minimum lifetime`() {
        let headers: Headers = ["Cache-Control": "no-cache, max-age=60, stale-if-error=60", "ETag": "\"a\""]
        let kept = freshness(headers, policy: TTLPolicy(minimum: 60))
        #expect(kept?.freshForSeconds == 0)
        #expect(kept?.mustRevalidate == true)
        #expect(kept?.staleIfErrorSeconds == 0)
        #expect(decide(["Cache-Control": "no-cache"]) == .notStorable(.stale))
    }

    @Test func `stale windows are kept unless validation is a must`() {
        let lenient = freshness(["Cache-Control": "max-age=1, stale-if-error=86400, stale-while-revalidate=30"])
        #expect(lenient?.staleIfErrorSeconds == 86_400)
        #expect(lenient?.staleWhileRevalidateSeconds == 30)
        for strict in ["must-revalidate", "proxy-revalidate"] {
            let kept = freshness(["Cache-Control": "max-age=1, stale-if-error=9, stale-while-revalidate=9, \(strict)"])
            #expect(kept?.staleIfErrorSeconds == 0)
            #expect(kept?.staleWhileRevalidateSeconds == 0)
            #expect(kept?.mustRevalidate == true)
        }
        let shared = freshness(["Cache-Control": "s-maxage=1, stale-if-error=9"])
        #expect(shared?.staleIfErrorSeconds == 9)
        #expect(shared?.mustRevalidate == true)
    }
}
