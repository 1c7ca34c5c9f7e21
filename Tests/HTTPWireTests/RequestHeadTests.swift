import Bytes
import HTTPWire
import Testing

struct RequestHeadTests {
    private let simple =
        "GET /a/b.m4s?x=1&y HTTP/1.1\r\nHost: edge.example:8443\r\nRange:  bytes=0-1 \t\r\nX-Empty:\r\n\r\n"

    @Test func `a head is taken apart in place`() {
        let request = ParsedRequest(simple + "body")
        #expect(request.progress == .complete(headBytes: simple.utf8.count))
        #expect(request.parser.method == .get)
        #expect(request.text(request.parser.target) == "/a/b.m4s?x=1&y")
        #expect(request.text(request.parser.path) == "/a/b.m4s")
        #expect(request.text(request.parser.query) == "x=1&y")
        #expect(request.text(request.parser.host) == "edge.example:8443")
        #expect(request.parser.minorVersion == 1)
        #expect(request.parser.framing == .none)
        #expect(request.parser.keepAlive)
        #expect(request.field("range") == "bytes=0-1")
        #expect(request.field("x-empty") == "")
        #expect(request.field("x-none") == nil)
        #expect(request.parser.fields.count == 3)
    }

    @Test func `a query is told from an empty one and from none`() {
        #expect(ParsedRequest("GET /? HTTP/1.1\r\nHost: a\r\n\r\n").parser.query?.count == 0)
        #expect(ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n").parser.query == nil)
        let request = ParsedRequest("GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.text(request.parser.query) == "b?c")
    }

    @Test func `a head cut anywhere is parsed as if whole`() {
        let bytes = Array(simple.utf8)
        var parser = RequestHeadParser()
        for count in 0..<bytes.count {
            let progress = bytes[..<count].withUnsafeBytes { parser.parse($0) }
            #expect(progress == .needMore)
        }
        let progress = bytes.withUnsafeBytes { parser.parse($0) }
        #expect(progress == .complete(headBytes: bytes.count))
        #expect(parser.fields.count == 3)
    }

    @Test func `a parser serves one message after the other`() {
        let messages = Array("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET /22 HTTP/1.0\r\n\r\n".utf8)
        var parser = RequestHeadParser()
        let first = messages.withUnsafeBytes { parser.parse($0) }
        #expect(parser.framing == .length(3))
        guard case .complete(let headBytes) = first else {
            Issue.record("the first head is complete")
            return
        }
        let rest = Array(messages[headBytes...])
        let second = rest.withUnsafeBytes { parser.parse($0) }
        #expect(second == .complete(headBytes: rest.count))
        #expect(parser.method == .get)
        #expect(parser.framing == .none)
        #expect(parser.fields.isEmpty)
        #expect(!parser.keepAlive)
    }

    @Test func `resetting forgets half a message`() {
        var parser = RequestHeadParser()
        let half = Array("GET /half HTTP/1.1\r\nX-Half: 1\r\n".utf8)
        _ = half.withUnsafeBytes { parser.parse($0) }
        parser.reset()
        let whole = Array("GET /w HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let progress = whole.withUnsafeBytes { parser.parse($0) }
        #expect(progress == .complete(headBytes: whole.count))
        #expect(parser.fields.count == 1)
    }

    @Test func `one empty line before the request is passed over, two are not`() {
        let request = ParsedRequest("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.violation == nil)
        #expect(request.text(request.parser.path) == "/")
        #expect(ParsedRequest("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").violation == .malformedStartLine)
    }

    @Test(arguments: [
        ("HTTP/1.1", "X: y", true), ("HTTP/1.1", "Connection: close", false),
        ("HTTP/1.1", "Connection: x, CLOSE", false), ("HTTP/1.1", "Connection: x\r\nConnection: close", false),
        ("HTTP/1.0", "X: y", false), ("HTTP/1.0", "Connection: Keep-Alive", true),
        ("HTTP/1.0", "Connection: keep-alive, close", false),
    ])
    func `the connection lives as the client says`(version: String, field: String, keepAlive: Bool) {
        let request = ParsedRequest("GET / \(version)\r\nHost: a\r\n\(field)\r\n\r\n")
        #expect(request.violation == nil)
        #expect(request.parser.keepAlive == keepAlive)
    }

    @Test func `waiting for 100 Continue matters only with a body`() {
        let waiting = "Expect: 100-Continue\r\n\r\n"
        #expect(ParsedRequest("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n" + waiting).parser.expectContinue)
        #expect(!ParsedRequest("PUT / HTTP/1.1\r\nHost: a\r\n" + waiting).parser.expectContinue)
        #expect(!ParsedRequest("PUT / HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\n" + waiting).parser.expectContinue)
        #expect(violation(ofFields: "Expect: 200-ok") == .unknownExpectation)
        #expect(HTTPViolation.unknownExpectation.status == .expectationFailed)
    }

    @Test func `cookies are walked over all their fields`() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b=2\r\nX: y\r\ncookie: c=3=3;; =x; d\r\n\r\n".utf8)
        var parser = RequestHeadParser()
        var pairs: [String] = []
        bytes.withUnsafeBytes { bytes in
            _ = parser.parse(bytes)
            parser.forEachCookie(in: bytes) { name, value in
                pairs.append(String(decoding: name, as: UTF8.self) + ":" + String(decoding: value, as: UTF8.self))
                return true
            }
        }
        #expect(pairs == ["a:1", "b:2", "c:3=3"])
    }

    @Test func `unknown methods are tokens like any other`() {
        #expect(ParsedRequest("PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n").parser.method == .other("PROPFIND"))
        #expect(ParsedRequest("get / HTTP/1.1\r\nHost: a\r\n\r\n").parser.method == .other("get"))
        #expect(ParsedRequest("PURGE / HTTP/1.1\r\nHost: a\r\n\r\n").parser.method == .purge)
    }
}
