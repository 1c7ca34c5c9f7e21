import Testing

@testable import Edge

@Suite struct PathPatternTests {
    private func matches(_ pattern: String, _ path: String) -> Bool {
        Array(path.utf8).withUnsafeBytes { PathPattern(pattern).matches($0) }
    }

    @Test(arguments: [
        ("/media/*", "/media/v/index.m3u8"), ("/media/*", "/media/"), ("media/*", "/media/x"),
        ("/identity", "/identity"),
        ("*", "/"), ("/*/.well-known/*", "/eu_1/.well-known/jwks.json"), ("/*.m3u8", "/a/b/c.m3u8"), ("/v?/x", "/v1/x"),
        ("/a*b*c", "/a--b-b--c"), ("/a**", "/a"), ("/?", "/x"),
    ])
    func `a pattern matches`(pattern: String, path: String) {
        #expect(matches(pattern, path))
    }

    @Test(arguments: [
        ("/media/*", "/media"), ("/media/*", "/Media/x"), ("/identity", "/identity/"), ("/v?/x", "/v/x"),
        ("/v?/x", "/v12/x"), ("/*.m3u8", "/a.m3u8x"), ("/a*b*c", "/a--c--b"), ("/?", "/"), ("/?", "/ab"),
    ])
    func `a pattern does not match`(pattern: String, path: String) {
        #expect(!matches(pattern, path))
    }

    @Test func `many stars against a long path take no exponential time`() {
        let pattern = "/" + String(repeating: "*a", count: 100) + "b"
        #expect(!matches(pattern, "/" + String(repeating: "a", count: 8000)))
    }
}
