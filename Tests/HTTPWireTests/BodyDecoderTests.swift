import HTTPWire
import Testing

struct BodyDecoderTests {
    private func next(_ decoder: inout BodyDecoder, _ text: String) -> BodyDecoder.Piece {
        Array(text.utf8).withUnsafeBytes { decoder.next(in: $0) }
    }

    @Test func `a body of known length ends there, whatever follows`() {
        var decoder = BodyDecoder(BodyFraming.length(5))
        #expect(next(&decoder, "abc") == .data(range: 0..<3, consumed: 3, isLast: false))
        #expect(next(&decoder, "deGET") == .data(range: 0..<2, consumed: 2, isLast: true))
        #expect(next(&decoder, "GET") == .data(range: 0..<0, consumed: 0, isLast: true))
    }

    @Test func `a chunked body yields its data and the place of its end`() {
        var decoder = BodyDecoder(ResponseFraming.chunked)
        #expect(next(&decoder, "3\r\nabc\r\n") == .data(range: 3..<6, consumed: 6, isLast: false))
        #expect(next(&decoder, "\r\n") == .data(range: 0..<0, consumed: 2, isLast: false))
        #expect(next(&decoder, "0\r\n\r\nHTTP") == .data(range: 0..<0, consumed: 5, isLast: true))
    }

    @Test func `a chunked body that breaks a rule is malformed`() {
        var decoder = BodyDecoder(BodyFraming.chunked)
        #expect(next(&decoder, "+3\r\n") == .malformed)
    }

    @Test func `a body until the connection ends never says it is complete`() {
        var decoder = BodyDecoder(ResponseFraming.untilClose)
        #expect(next(&decoder, "abc") == .data(range: 0..<3, consumed: 3, isLast: false))
    }
}
