import Bytes
import HTTPWire
import Testing

struct ResponseHeadTests {
    private func parse(_ text: String) -> (HeadProgress, ResponseHeadParser, Headers) {
        var parser = ResponseHeadParser()
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { bytes in
            let progress = parser.parse(bytes)
            return (progress, parser, parser.headers(in: bytes))
        }
    }

    @Test func `a head is taken apart`() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n"
        let (progress, parser, headers) = parse(text + "hello")
        #expect(progress == .complete(headBytes: text.utf8.count))
        #expect(parser.status == .ok)
        #expect(parser.framing(answering: .get) == .length(5))
        #expect(parser.framing(answering: .head) == .none)
        #expect(parser.contentLength == 5)
        #expect(headers.first("etag") == "\"a\"")
        #expect(parser.keepAlive)
    }

    @Test(arguments: [
        "HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 204 x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
    ])
    func `some statuses never have a body`(text: String) {
        let (_, parser, _) = parse(text)
        #expect(parser.framing(answering: .get) == .none)
    }

    @Test func `framing follows the fields`() {
        #expect(parse("HTTP/1.1 200 OK\r\n\r\n").1.framing(answering: .get) == .untilClose)
        #expect(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").1.framing(answering: .get) == .none)
        #expect(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").1.framing(answering: .get) == .chunked)
    }

    @Test func `a status line without phrase is understood`() {
        #expect(parse("HTTP/1.1 200\r\n\r\n").1.status == .ok)
        #expect(parse("HTTP/1.0 404 \r\nConnection: keep-alive\r\n\r\n").1.keepAlive)
        #expect(!parse("HTTP/1.0 404 Not Found\r\n\r\n").1.keepAlive)
    }

    @Test(arguments: [
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 200 O\u{0}K\r\n\r\n",
        "HTTP/1.1 200 OK\nA: b\n\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "ICY 200 OK\r\n\r\n", "SSH-2.0-OpenSSH",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `a head that is doubtful is refused`(text: String) {
        guard case .refused = parse(text).0 else {
            Issue.record("accepted \(text.debugDescription)")
            return
        }
    }

    @Test func `a head cut anywhere is parsed as if whole`() {
        let bytes = Array("HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\n".utf8)
        var parser = ResponseHeadParser()
        for count in 0..<bytes.count {
            let progress = bytes[..<count].withUnsafeBytes { parser.parse($0) }
            #expect(progress == .needMore)
        }
        let progress = bytes.withUnsafeBytes { parser.parse($0) }
        #expect(progress == .complete(headBytes: bytes.count))
        #expect(parser.status == .partialContent)
    }

    @Test func `endless fields are refused`() {
        let fields = (0..<300).map { "X\($0): y\r\n" }.joined()
        #expect(parse("HTTP/1.1 200 OK\r\n" + fields).0 == .refused(.tooManyFields))
        let large = "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 65_536)
        #expect(parse(large).0 == .refused(.headTooLarge))
    }
}
