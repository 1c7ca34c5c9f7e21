import CacheRules
import HTTPWire
import Testing

/// RFC 9111 §4.4: what a change at the origin makes invalid.
struct InvalidationTests {
    @Test(arguments: [HTTPMethod.put, .post, .delete, .patch, "MOVE", "UNKNOWN"])
    func `an unsafe method that succeeds or redirects invalidates`(method: HTTPMethod) {
        for code in [200, 201, 204, 301, 303, 399] {
            #expect(Invalidation.applies(method: method, status: HTTPStatus(code: code)))
        }
        for code in [100, 400, 403, 404, 500, 503] {
            #expect(!Invalidation.applies(method: method, status: HTTPStatus(code: code)))
        }
    }

    @Test(arguments: [HTTPMethod.get, .head, .options, "TRACE", "PROPFIND"])
    func `a safe method invalidates nothing`(method: HTTPMethod) {
        #expect(!Invalidation.applies(method: method, status: .ok))
    }

    @Test(arguments: [
        ("/b?x=1", "/b?x=1"), ("http://h:8/b", "/b"), ("HTTP://H:8/b#part", "/b"), ("//h:8/b", "/b"),
        ("http://h:8", "/"), ("http://h:8?q", "/?q"),
    ])
    func `a location of the same origin is named`(reference: String, target: String) {
        let headers: Headers = ["Location": reference]
        #expect(Invalidation.targets(named: headers, scheme: "http", authority: "h:8") == [target])
    }

    @Test(arguments: ["http://other/b", "https://h:8/b", "//h/b", "b", "", "http://h:80/b", "mailto:a@h:8"])
    func `a location of another origin, or a relative one, is not`(reference: String) {
        let headers: Headers = ["Location": reference]
        #expect(Invalidation.targets(named: headers, scheme: "http", authority: "h:8") == [])
    }

    @Test func `both fields count`() {
        let headers: Headers = ["Location": "/a", "Content-Location": "/b"]
        #expect(Invalidation.targets(named: headers, scheme: "https", authority: "h") == ["/a", "/b"])
    }
}
