import HTTPWire
import Testing

struct RequestTargetTests {
    @Test(arguments: [
        "/", "/a/b.m4s", "/a/", "/a;v=1/b", "/a+b@c:d,e", "/.well-known/x", "/a..b/...", "/%20/%3F%23", "/%C3%BC",
        "/100%25",
    ])
    func `a normal path stays as it is`(path: String) {
        #expect(RequestTarget.normalise(path) == path)
    }

    @Test(arguments: [
        ("/%61/%7E", "/a/~"), ("/%c3%bc", "/%C3%BC"), ("/%3f", "/%3F"), ("/a%2Db%5f", "/a-b_"), ("/a%2etxt", "/a.txt"),
    ])
    func `escapes are brought to one spelling`(path: String, normal: String) {
        #expect(RequestTarget.normalise(path) == normal)
        #expect(RequestTarget.normalise(normal) == normal)
    }

    @Test(arguments: [
        "/..", "/.", "/a/../b", "/a/./b", "/a/..", "/%2e%2e/b", "/a/%2E", "/.%2e/b", "/a/..;/b", "/a/%2e%2e;x/b", "/./",
    ])
    func `dot segments are refused in any spelling`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: ["/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/v/1\\..\\2", "/a%5C..%5Cb", "/private/x.m3u8/..%2fy.ts"])
    func `separators in disguise are refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: ["/a%00", "/a%0a.ts", "/a%0d%0ab", "/a%7f", "/a%1f"])
    func `escaped control characters are refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: ["/%252e%252e/b", "/a%252fb", "/a%255cb", "/a%2500", "/a%25252e"])
    func `escapes of dangerous escapes are refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: ["/%25%32e/b", "/%252%65%252%65/b", "/%25%32%65/b", "/a%25%32fb", "/%25%35%63"])
    func `a dangerous escape whose own digits are escaped is refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: ["//", "//a", "/a//b", "/a//"])
    func `empty segments are refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: ["/%c0%ae", "/%e0%80%ae", "/%c0%af", "/%ff", "/%ed%a0%80", "/%f8%80%80%80%80", "/%c3"])
    func `overlong and broken UTF-8 is refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test(arguments: [
        "/%", "/%2", "/%2g", "/%u002e", "/a b", "/a#b", "/a?b", "/ü", "/a|b", "/a\"b", "/<a>", "a", "", "*",
    ])
    func `what is no path is refused`(path: String) {
        #expect(RequestTarget.normalise(path) == nil)
    }

    @Test func `reserved characters stay as they were sent`() {
        #expect(RequestTarget.normalise("/a%2Bb") == "/a%2Bb")
        #expect(RequestTarget.normalise("/a+b") == "/a+b")
        #expect(RequestTarget.normalise("/private/x;a.ts") == "/private/x;a.ts")
        #expect(RequestTarget.normalise("/x%23.ts") == "/x%23.ts")
    }
}
