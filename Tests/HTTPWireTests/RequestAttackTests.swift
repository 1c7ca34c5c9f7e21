import Bytes
import HTTPWire
import Testing

/// What attackers send; each row is one way in which two servers on a path have disagreed.
struct RequestAttackTests {
    // Framing

    @Test func `a length beside chunked coding is refused in either order`() {
        #expect(violation(ofFields: "Content-Length: 5\r\nTransfer-Encoding: chunked") == .conflictingFraming)
        #expect(violation(ofFields: "Transfer-Encoding: chunked\r\nContent-Length: 5") == .conflictingFraming)
        #expect(violation(ofFields: "Transfer-Encoding: chunked\r\ncontent-length: 0") == .conflictingFraming)
        #expect(HTTPViolation.conflictingFraming.status == .badRequest)
    }

    @Test(arguments: [
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5, 5",
    ])
    func `two content lengths are refused, equal or not`(lines: String) {
        #expect(violation(ofFields: lines) == .malformedContentLength)
    }

    @Test(arguments: [
        "+1", "-1", "0x10", "010", "00", "", "1 2", "1_0", "1.0", "1e3", "٣", "9223372036854775808",
        "99999999999999999999999999",
    ])
    func `a content length that is no plain number is refused`(value: String) {
        #expect(violation(ofFields: "Content-Length: \(value)") == .malformedContentLength)
    }

    @Test func `a plain content length is taken`() {
        #expect(ParsedRequest("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n").parser.framing == .length(10))
        #expect(ParsedRequest("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").parser.framing == .none)
        let largest = ParsedRequest("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n")
        #expect(largest.parser.framing == .length(.max))
    }

    @Test(arguments: [
        ",chunked", "xchunked", "chunked, gzip", "chunked ", "chunked\t", "chunked,", "chunked, chunked", "identity",
        "gzip",
        "\"chunked\"", "chunked;q=1", "", "cow", "chunked\u{0b}",
    ])
    func `any spelling of chunked but its own is refused`(value: String) {
        #expect(violation(ofFields: "Transfer-Encoding: \(value)")?.status == .badRequest)
    }

    @Test func `two transfer encodings are refused`() {
        let twice = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"
        #expect(violation(ofFields: twice) == .malformedTransferEncoding)
        let mixed = "Transfer-Encoding: chunked\r\nTransfer-encoding: identity"
        #expect(violation(ofFields: mixed) == .malformedTransferEncoding)
    }

    @Test func `a coding we lack is named as such`() {
        #expect(violation(ofFields: "Transfer-Encoding: gzip, chunked") == .notImplemented)
        #expect(HTTPViolation.notImplemented.status == .notImplemented)
    }

    @Test func `chunked is taken in any case`() {
        #expect(
            ParsedRequest("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").parser.framing == .chunked)
    }

    @Test func `chunked coding in HTTP 1-0 is refused`() {
        let request = ParsedRequest("PUT / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(request.violation == .malformedTransferEncoding)
    }

    // Field bytes

    @Test(arguments: [
        "X : y", "X\t: y", "X", "X y", ": y", "X\u{0}: y", "X\u{7f}: y", "X\u{e9}: y", "X(: y", "\u{1}X: y", "X\"Y: z",
    ])
    func `a line that is no field is refused`(line: String) {
        #expect(violation(ofFields: line) == .malformedFieldName)
    }

    @Test func `a byte above ASCII in a name is refused`() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX".utf8) + [0x80] + Array(": y\r\n\r\n".utf8)
        #expect(ParsedRequest(bytes).violation == .malformedFieldName)
    }

    @Test(arguments: ["X: a\u{0}b", "X: \u{0}", "X: a\rb", "X: a\r\r", "X: \u{7f}", "X: \u{1b}[0m", "X: a\u{b}"])
    func `a control character in a value is refused`(line: String) {
        #expect(violation(ofFields: line) == .malformedFieldValue)
    }

    @Test func `tabs and bytes above ASCII in a value are let through`() {
        let request = ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\nX: a\tbü\r\n\r\n")
        #expect(request.field("x") == "a\tbü")
    }

    @Test(arguments: ["X: a\r\n b", "X: a\r\n\tb", " X: a", "X: a\r\n "])
    func `folded fields are refused`(lines: String) {
        #expect(violation(ofFields: lines) == .foldedField)
    }

    @Test func `a space before the first field is refused`() {
        #expect(ParsedRequest("GET / HTTP/1.1\r\n Host: a\r\n\r\n").violation == .foldedField)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
    ])
    func `a bare line feed is refused`(text: String) {
        #expect(ParsedRequest(text).violation?.status == .badRequest)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\rHost: a\r\n\r\n", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func `a bare carriage return is refused`(text: String) {
        #expect(ParsedRequest(text).violation?.status == .badRequest)
    }

    // Host

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    ])
    func `no host, two hosts and an empty host are refused`(text: String) {
        #expect(ParsedRequest(text).violation == .malformedHost)
    }

    @Test(arguments: [
        "a b", "a/b", "user@a", "a:", "a:x", "a:0", "a:65536", "a:80:80", "[::1", "[]", "[::g]", "a,b", "a?b", ":80",
        "a\\b",
        "ü", "a:+80", "a%2eb",
    ])
    func `a host that is none is refused`(host: String) {
        #expect(ParsedRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").violation == .malformedHost)
    }

    @Test(arguments: ["a", "A.example.", "127.0.0.1:8443", "[::1]", "[2001:db8::1]:443", "under_score", "a:65535"])
    func `a host is taken with or without port`(host: String) {
        let request = ParsedRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(request.violation == nil)
        #expect(request.text(request.parser.host) == host)
    }

    @Test func `HTTP 1-0 may lack a host`() {
        #expect(ParsedRequest("GET / HTTP/1.0\r\n\r\n").violation == nil)
    }

    // Request line

    @Test(arguments: [
        "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1", "GET / HTTP/1.10",
        "GET / HTTP/11",
        "GET / HTTP/1.x", "GET / HTTQ/1.1", "GET\t/\tHTTP/1.1", "GET / x HTTP/1.1", "GET", "GET /\u{0b}HTTP/1.1",
        "GET / ",
    ])
    func `a request line off the grammar is refused`(line: String) {
        #expect(violation(ofLine: line)?.status == .badRequest)
    }

    @Test(arguments: ["GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2", "GET / HTTP/9.9", "PRI * HTTP/2.0"])
    func `other versions are refused by name`(line: String) {
        #expect(violation(ofLine: line) == .unsupportedVersion)
    }

    @Test(arguments: ["G(T / HTTP/1.1", " GET / HTTP/1.1", "G\u{e9}T / HTTP/1.1", "{} / HTTP/1.1"])
    func `a method that is no token is refused`(line: String) {
        #expect(violation(ofLine: line) == .malformedMethod)
    }

    @Test(arguments: [
        "a", "http:/a/", "ftp://a/", "*", "/a#b", "/\u{e9}", "/\u{7f}", "http://", "http:///a", "http://u@a/",
        "//\u{1}", "?a",
    ])
    func `a target that is none is refused`(target: String) {
        #expect(violation(ofLine: "GET \(target) HTTP/1.1")?.status == .badRequest)
    }

    @Test func `CONNECT is not offered`() {
        #expect(violation(ofLine: "CONNECT a:443 HTTP/1.1") == .notImplemented)
    }

    @Test func `the asterisk is for OPTIONS`() {
        let request = ParsedRequest("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.violation == nil)
        #expect(request.parser.path.isEmpty)
    }

    @Test func `an absolute target must name the host of the request`() {
        let request = ParsedRequest("GET http://A.example:80/x?y HTTP/1.1\r\nHost: a.example:80\r\n\r\n")
        #expect(request.violation == nil)
        #expect(request.text(request.parser.path) == "/x")
        #expect(request.text(request.parser.query) == "y")
        #expect(request.text(request.parser.host) == "A.example:80")
        #expect(ParsedRequest("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n").violation == .malformedHost)
    }

    @Test func `garbage is refused before its line ends`() {
        #expect(ParsedRequest([0x16, 0x03, 0x01, 0x02, 0x00]).violation == .malformedMethod)
        #expect(ParsedRequest(String(repeating: "A", count: 33)).violation == .malformedMethod)
        #expect(ParsedRequest("GET / HTTP/1.1\n").violation == .bareLineBreak)
    }
}
