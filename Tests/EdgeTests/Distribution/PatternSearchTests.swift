import Testing

@testable import Edge

@Suite struct PatternSearchTests {
    @Test(arguments: [
        ("/a*", "/*b", "/ab"), ("/media/*.jpg", "/media/private/*", "/media/private/.jpg"), ("/*", "/a", "/a"),
        ("/a?c", "/ab*", "/abc"), ("/?", "/?", "/x"), ("*.m3u8", "/v/*", "/v/.m3u8"), ("/a/*/c", "/a/b/*", "/a/b/c"),
        ("/*", "/*", "/"),
    ])
    func `two patterns that share a path are shown one`(left: String, right: String, example: String) throws {
        let (left, right) = (PathPattern(left), PathPattern(right))
        #expect(left.sharedPath(with: right) == example)
        let found = try #require(right.sharedPath(with: left))
        for pattern in [left, right] {
            #expect(Array(found.utf8).withUnsafeBytes { pattern.matches($0) })
        }
    }

    @Test(arguments: [
        ("/a", "/b"), ("/a*", "/b*"), ("/*.jpg", "/*.png"), ("/??", "/?"), ("/Media/*", "/media/*"), ("/a/", "/a"),
        ("/a?", "/a?b"), ("/a/?", "/a//*"),
    ])
    func `two patterns that share no path are told so`(left: String, right: String) {
        #expect(PathPattern(left).sharedPath(with: PathPattern(right)) == nil)
        #expect(PathPattern(right).sharedPath(with: PathPattern(left)) == nil)
    }

    @Test(arguments: [
        ("/a/b", ["/a/*"]), ("/a/*", ["/*"]), ("/a/*.jpg", ["*.jpg"]), ("/a?c", ["/a*c"]), ("/a*b*c", ["/a*c"]),
        ("/a/*", ["/a/", "/a/?*"]), ("/**", ["/*"]), ("/a?", ["/b*", "/a*"]), ("/x*", ["/x", "/x?", "/x??*"]),
        ("/*", ["/", "/?*"]),
    ])
    func `a pattern is covered, by one other or by several together`(pattern: String, others: [String]) {
        #expect(PathPattern(pattern).isCovered(by: others.map { PathPattern($0) }))
    }

    @Test(arguments: [
        ("/a/*", ["/a/b"]), ("/*", ["/a*"]), ("/*.jpg", ["/a/*.jpg"]), ("/a*c", ["/a?c"]), ("/a*", ["/a", "/a?"]),
        ("/a/*", []), ("/a/*", ["/a/?*"]), ("/x*", ["/x", "/x??*"]),
    ])
    func `a pattern with a path of its own is not covered`(pattern: String, others: [String]) {
        #expect(!PathPattern(pattern).isCovered(by: others.map { PathPattern($0) }))
    }

    @Test func `patterns with many stars and bytes are told apart in little work`() {
        let others = ["/\u{1}\0*/x", "*?", "*\0?/aab", "/%C3%A9/x", "/%C\0*", "3%A9/*", "/*/x", "*?*%A*/"]
        var work = 20_000
        #expect(
            !PatternSearch.isCovered(PathPattern("*??"), by: others.dropFirst(2).map { PathPattern($0) }, work: &work))
        #expect(PatternSearch.isCovered(PathPattern("*??"), by: others.map { PathPattern($0) }, work: &work))
        #expect(work > 0)
    }

    @Test func `patterns made to take long are given up, in favour of a behavior that stays`() {
        let (pattern, others) = (PathPattern("/a/b"), [PathPattern("/a/b")])
        var much = 100
        #expect(PatternSearch.isCovered(pattern, by: others, work: &much))
        #expect((1..<100).contains(much))
        var little = 5
        #expect(!PatternSearch.isCovered(pattern, by: others, work: &little))
        let many = (0..<40).map { PathPattern("/*" + String(repeating: "?a*", count: $0 + 1)) }
        #expect(!PathPattern("/*b").isCovered(by: many))
    }
}
