import Bytes
import HTTPWire
import Testing

struct HeadLimitTests {
    private func request(targetBytes: Int) -> String {
        "GET /" + String(repeating: "a", count: targetBytes - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    private func request(headBytes: Int) -> String {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        return start + String(repeating: "a", count: headBytes - start.utf8.count - 4) + "\r\n\r\n"
    }

    @Test func `a target of 8192 bytes is served and of 8193 is too long`() {
        #expect(ParsedRequest(request(targetBytes: 8192)).violation == nil)
        #expect(ParsedRequest(request(targetBytes: 8193)).violation == .targetTooLong)
        #expect(HTTPViolation.targetTooLong.status == .uriTooLong)
    }

    @Test func `a target that is too long is refused before its end, and however long it is`() {
        let endless = "GET /" + String(repeating: "a", count: 8192)
        #expect(ParsedRequest(endless).violation == .targetTooLong)
        #expect(ParsedRequest(request(targetBytes: 100_000)).violation == .targetTooLong)
    }

    @Test func `a head of 20480 bytes is served and of 20481 is too large`() {
        #expect(ParsedRequest(request(headBytes: 20_480)).progress == .complete(headBytes: 20_480))
        #expect(ParsedRequest(request(headBytes: 20_481)).violation == .headTooLarge)
        #expect(HTTPViolation.headTooLarge.status == .requestHeaderFieldsTooLarge)
    }

    @Test func `a head that never ends is refused at the limit`() {
        let endless = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 30_000)
        #expect(ParsedRequest(endless).violation == .headTooLarge)
        var parser = RequestHeadParser()
        let bytes = Array(endless.utf8)
        let atLimit = bytes[..<20_480].withUnsafeBytes { parser.parse($0) }
        #expect(atLimit == .needMore)
        let beyond = bytes[..<20_481].withUnsafeBytes { parser.parse($0) }
        #expect(beyond == .refused(.headTooLarge))
    }

    @Test func `128 fields are served and 129 are too many`() {
        func head(_ fields: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + (1..<fields).map { "X\($0): y\r\n" }.joined() + "\r\n"
        }
        #expect(ParsedRequest(head(128)).violation == nil)
        #expect(ParsedRequest(head(129)).violation == .tooManyFields)
        #expect(HTTPViolation.tooManyFields.status == .requestHeaderFieldsTooLarge)
        #expect(ParsedRequest(head(10_000)).violation?.status == .requestHeaderFieldsTooLarge)
    }

    @Test func `limits can be set`() {
        let limits = HeadLimits(maximumTargetBytes: 2, maximumHeadBytes: 40, maximumFields: 1)
        #expect(ParsedRequest("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits).violation == nil)
        #expect(ParsedRequest("GET /ab HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits).violation == .targetTooLong)
        #expect(ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", limits: limits).violation == .tooManyFields)
    }
}
