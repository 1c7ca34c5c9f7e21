import Bytes
import HTTPWire
import Testing

struct ChunkedTests {
    /// Decodes `text` in pieces of `size` bytes: the data, what is left over, and how it ended.
    private func decode(_ text: String, pieces size: Int = .max) -> (
        data: String, rest: String, end: ChunkedDecoder.Step
    ) {
        let bytes = Array(text.utf8)
        var decoder = ChunkedDecoder()
        var data: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let piece = Array(bytes[start..<min(bytes.count, size == .max ? bytes.count : start + size)])
            var offset = 0
            feeding: while offset < piece.count {
                switch piece[offset...].withUnsafeBytes({ decoder.next($0) }) {
                case .needMore: break feeding
                case .data(let range, let consumed):
                    data += piece[(offset + range.lowerBound)..<(offset + range.upperBound)]
                    offset += consumed
                case .finished(let consumed):
                    let rest = String(decoding: bytes[(start + offset + consumed)...], as: UTF8.self)
                    return (String(decoding: data, as: UTF8.self), rest, .finished(consumed: consumed))
                case .refused(let violation):
                    return (String(decoding: data, as: UTF8.self), "", .refused(violation))
                }
            }
            start += piece.count
        }
        return (String(decoding: data, as: UTF8.self), "", .needMore)
    }

    private let wiki = "4\r\nWiki\r\n5;a=\"b\";c\r\npedia\r\n00E\r\n in \r\n\r\nchunks\r\n0\r\n"

    @Test(arguments: [1, 2, 3, 5, 7, 16, Int.max])
    func `a body cut anywhere is decoded as if whole`(size: Int) {
        let (data, rest, end) = decode(wiki + "X-Sum: 1\r\n\r\nGET /", pieces: size)
        #expect(data == "Wikipedia in \r\n\r\nchunks")
        #expect(rest == "GET /")
        guard case .finished = end else {
            Issue.record("ended as \(end)")
            return
        }
    }

    @Test func `a body that stops early asks for more`() {
        #expect(decode(wiki).end == .needMore)
        #expect(decode("5\r\nab").end == .needMore)
        #expect(decode("5\r\nab").data == "ab")
    }

    @Test func `data comes in place and at once`() {
        var decoder = ChunkedDecoder()
        let bytes = Array("5\r\nabcde\r\n0\r\n\r\n".utf8)
        bytes.withUnsafeBytes { bytes in
            let first = decoder.next(bytes)
            #expect(first == .data(3..<8, consumed: 8))
            let second = decoder.next(UnsafeRawBufferPointer(rebasing: bytes[8...]))
            #expect(second == .finished(consumed: 7))
            #expect(decoder.isFinished)
        }
    }

    @Test(arguments: [
        "1junk\r\na\r\n0\r\n\r\n", "0x1\r\na\r\n", "-1\r\na\r\n", "+1\r\na\r\n", "1_0\r\n", "\r\n", ";a\r\n",
        " 1\r\na\r\n",
        "1 \r\na\r\n", "1\t;a\r\na\r\n", "g\r\n", "1.0\r\n",
    ])
    func `a size that is no plain hexadecimal number is refused`(text: String) {
        #expect(decode(text).end == .refused(.malformedChunk))
    }

    @Test(arguments: [
        "1\na\r\n", "1\r\na\n", "1\ra\r\n", "1\r\na\r0\r\n\r\n", "0\n\r\n", "0\r\n\n", "0\r\n\rX", "1;a\n",
        "1;a\rb\r\na\r\n",
    ])
    func `a line that does not end in CR LF is refused`(text: String) {
        #expect(decode(text).end == .refused(.malformedChunk))
    }

    @Test(arguments: ["1\r\nab\r\n0\r\n\r\n", "1\r\na0\r\n\r\n", "2\r\na\r\n0\r\n\r\n"])
    func `data of another length than announced is refused`(text: String) {
        #expect(decode(text).end == .refused(.malformedChunk))
    }

    @Test(arguments: [
        "00000000000000001\r\na\r\n", "8000000000000000\r\n", "ffffffffffffffff\r\n", "fffffffffffffffff\r\n",
    ])
    func `a size beyond all bounds is refused`(text: String) {
        #expect(decode(text).end == .refused(.malformedChunk))
    }

    @Test func `the largest size is taken`() {
        #expect(decode("7fffffffffffffff\r\na").data == "a")
        #expect(decode("0000000000000001\r\na\r\n0\r\n\r\n").data == "a")
    }

    @Test(arguments: [
        "0\r\nX\r\n\r\n", "0\r\n: a\r\n\r\n", "0\r\n X: a\r\n\r\n", "0\r\nX: a\u{0}\r\n\r\n", "0\r\nX : a\r\n\r\n",
    ])
    func `a trailer that is no field is refused`(text: String) {
        #expect(decode(text).end == .refused(.malformedChunk))
    }

    @Test func `extensions and trailers without end are refused`() {
        #expect(decode("1;" + String(repeating: "a", count: 1025)).end == .refused(.malformedChunk))
        #expect(decode("0\r\n" + String(repeating: "X: y\r\n", count: 2000)).end == .refused(.malformedChunk))
        #expect(decode("1;a\u{0}\r\n").end == .refused(.malformedChunk))
    }

    @Test func `trailers and extensions are limited in number as well`() {
        let fields = String(repeating: "X: y\r\n", count: Trailers.maximumFields)
        guard case .finished = decode("0\r\n" + fields + "\r\n").end else {
            Issue.record("as many trailers as allowed were refused")
            return
        }
        #expect(decode("0\r\n" + fields + "X: y\r\n\r\n").end == .refused(.malformedChunk))
        let chunk = "1;" + String(repeating: "a", count: 1_000) + "\r\nx\r\n"
        #expect(decode(String(repeating: chunk, count: 65)).end == .needMore)
        #expect(decode(String(repeating: chunk, count: 66)).end == .refused(.malformedChunk))
    }

    @Test(arguments: [1, 3, Int.max])
    func `trailers are kept for those who want them, but none that belongs into the head`(size: Int) {
        let text =
            "1\r\na\r\n0\r\nX-Sum:  7 \r\ncontent-LENGTH: 5\r\nTransfer-Encoding: chunked\r\nHost: y\r\n"
            + "Set-Cookie: a=b\r\nETag: \"x\"\r\n\r\n"
        var body = BodyDecoder(ResponseFraming.chunked)
        var request = BodyDecoder(BodyFraming.chunked)
        for start in stride(from: 0, to: text.utf8.count, by: min(size, text.utf8.count)) {
            var piece = Array(Array(text.utf8)[start..<min(text.utf8.count, start + min(size, text.utf8.count))])
            while !piece.isEmpty {
                guard case .data(_, let consumed, _) = piece.withUnsafeBytes({ body.next(in: $0) }) else { return }
                _ = piece.withUnsafeBytes { request.next(in: $0) }
                piece.removeFirst(consumed)
            }
        }
        #expect(body.trailers == ["X-Sum": "7", "ETag": "\"x\""])
        #expect(request.trailers == nil)
    }

    @Test func `what is refused stays refused`() {
        var decoder = ChunkedDecoder()
        for text in ["x", "0\r\n\r\n"] {
            let step = Array(text.utf8).withUnsafeBytes { decoder.next($0) }
            #expect(step == .refused(.malformedChunk))
        }
    }

    @Test func `chunks that are written read back`() {
        var buffer = GrowableBuffer()
        for size in [1, 15, 16, 255, 4096] {
            ChunkedEncoding.writeStart(ofChunk: size, into: &buffer)
            buffer.append([UInt8](repeating: 0x61, count: size))
            buffer.append(ChunkedEncoding.chunkEnd)
        }
        buffer.append(ChunkedEncoding.bodyEnd)
        let (data, rest, _) = decode(String(decoding: buffer.readable, as: UTF8.self))
        #expect(data.utf8.count == 1 + 15 + 16 + 255 + 4096)
        #expect(rest.isEmpty)
    }
}
