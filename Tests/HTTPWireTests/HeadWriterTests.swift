import Bytes
import HTTPWire
import Testing

struct HeadWriterTests {
    private func written(_ body: (inout HeadWriter) -> Void) -> String {
        var writer = HeadWriter()
        body(&writer)
        return String(decoding: writer.buffer.readable, as: UTF8.self)
    }

    @Test func `a response head is written`() {
        let text = written { writer in
            writer.statusLine(.partialContent)
            writer.field("Content-Type", "video/mp4")
            writer.field("Content-Length", decimal: 10)
            writer.field("Last-Modified", date: 784_111_777)
            writer.contentRange(ByteRange(start: 5, count: 10), of: 100)
            writer.field("ETag", string: "\"a\"")
            writer.fields(["X-A": "b"])
            writer.end()
        }
        let expected = """
            HTTP/1.1 206 Partial Content\r
            Content-Type: video/mp4\r
            Content-Length: 10\r
            Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r
            Content-Range: bytes 5-14/100\r
            ETag: "a"\r
            X-A: b\r
            \r

            """
        #expect(text == expected)
    }

    @Test func `a request head is written and read back`() {
        let text = written { writer in
            writer.requestLine(.get, target: "/a?b")
            writer.field("Host", "a")
            writer.end()
        }
        #expect(ParsedRequest(text).progress == .complete(headBytes: text.utf8.count))
    }

    @Test(arguments: ["a\r\nSet-Cookie: x=y", "a\nb", "a\rb", "a\u{0}b", "\u{7f}"])
    func `a value that would split the head is left out`(value: String) {
        var isWritten = true
        let text = written { isWritten = $0.field("X", string: value) }
        #expect(!isWritten)
        #expect(text.isEmpty)
        #expect(written { _ = $0.field(name: "X", value: value) }.isEmpty)
        var headers = Headers()
        let outcomes = [headers.add("X", value), headers.set("X", value)]
        #expect(outcomes == [false, false])
        #expect(headers.isEmpty)
    }

    @Test(arguments: ["", "A B", "A:", "A\r\nB", "Ä"])
    func `a name that is no token is left out`(name: String) {
        #expect(written { $0.field(name: name, value: "x") }.isEmpty)
        var headers = Headers()
        let isAdded = headers.add(name, "x")
        #expect(!isAdded)
    }

    @Test(arguments: ["/a b", "/a\r\nX: y", "", "/ü"])
    func `a target that would split the line is left out`(target: String) {
        #expect(written { $0.requestLine(.get, target: target) }.isEmpty)
        #expect(written { $0.requestLine(.other("A B"), target: "/") }.isEmpty)
    }
}
