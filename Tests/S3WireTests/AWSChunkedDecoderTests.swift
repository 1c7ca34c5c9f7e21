import S3Wire
import Testing

@Suite struct AWSChunkedDecoderTests {
    private static let signature = String(repeating: "a1", count: 32)
    private static let signed =
        "3;chunk-signature=\(signature)\r\nabc\r\n0;chunk-signature=\(signature)\r\n"
    private static let whole: [(AWSChunkedDecoder.Framing, String)] = [
        (.unsignedWithTrailer, "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
        (.signed, signed + "\r\n"),
        (
            .signedWithTrailer,
            signed + "X-Amz-Checksum-CRC32: AAAAAA==\r\nx-amz-trailer-signature:\(signature)\r\n\r\n"
        ),
    ]

    private func decode(
        _ framing: AWSChunkedDecoder.Framing, _ text: String, pieces size: Int
    ) throws -> (data: String, events: [AWSChunkedDecoder.Event], decoder: AWSChunkedDecoder) {
        var decoder = AWSChunkedDecoder(framing)
        var (data, events): ([UInt8], [AWSChunkedDecoder.Event]) = ([], [])
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            for event in try decoder.decode(Array(bytes[start..<min(start + size, bytes.count)])) {
                if case .data(let slice) = event { data += slice } else { events.append(event) }
            }
        }
        return (String(decoding: data, as: UTF8.self), events, decoder)
    }

    @Test(arguments: [1, 2, 7, 1_000])
    func `the same is found however the bytes are cut`(size: Int) throws {
        for (framing, text) in Self.whole {
            let (data, events, decoder) = try decode(framing, text, pieces: size)
            #expect(data == "abc" && decoder.isFinished)
            let chunks: [AWSChunkedDecoder.Event] = [
                .chunk(signature: Self.signature), .chunk(signature: Self.signature),
            ]
            switch framing {
            case .unsignedWithTrailer: #expect(events.isEmpty)
            case .signed: #expect(events == chunks && decoder.trailers.isEmpty)
            case .signedWithTrailer:
                #expect(
                    events == chunks
                        + [.trailers(signature: Self.signature, text: "x-amz-checksum-crc32:AAAAAA==\n")])
                #expect(decoder.trailers.map(\.name) == ["x-amz-checksum-crc32"])
            }
        }
    }

    @Test func `a body that is cut anywhere is not finished`() throws {
        for (framing, text) in Self.whole {
            for count in 0..<text.utf8.count {
                let cut = String(decoding: text.utf8.prefix(count), as: UTF8.self)
                #expect(try !decode(framing, cut, pieces: 1_000).decoder.isFinished)
            }
        }
    }

    @Test(
        arguments: [
            (AWSChunkedDecoder.Framing.signed, "3\r\nabc\r\n"),
            (.signed, "3;chunk-signature=\(signature)0\r\nabc\r\n"),
            (.signed, "3;chunk-signature=\(signature.dropLast())g\r\nabc\r\n"),
            (.signed, "3;other=\(signature)\r\nabc\r\n"),
            (.signed, "3;chunk-signature=\(signature);chunk-signature=\(signature)\r\nabc\r\n"),
            (.signed, signed + "x-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
            (.signed, signed + "\r\nmore"),
            (.signedWithTrailer, signed + "x-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
            (.signedWithTrailer, signed + "x-amz-trailer-signature:\(signature)\r\nx-amz-meta-a:b\r\n\r\n"),
            (.signedWithTrailer, signed + "x-amz-trailer-signature:00\r\n\r\n"),
            (.unsignedWithTrailer, "3;chunk-signature=\(signature)\r\nabc\r\n"),
            (.unsignedWithTrailer, "0\r\nname:1\r\nNAME:2\r\n\r\n"),
            (.unsignedWithTrailer, "0\r\n:1\r\n\r\n"),
            (.unsignedWithTrailer, "0\r\n" + String(repeating: "a", count: 300)),
            (.unsignedWithTrailer, "0\r\n" + (0..<9).map { "n\($0):1\r\n" }.joined() + "\r\n"),
            (.unsignedWithTrailer, "fffffffffffffff0\r\n"),
            (.unsignedWithTrailer, "3\r\nabcd\r\n"),
            (.unsignedWithTrailer, "3\nabc\r\n"),
        ] as [(AWSChunkedDecoder.Framing, String)])
    func `what is framed otherwise than announced is refused`(_ framing: AWSChunkedDecoder.Framing, _ text: String) {
        #expect(throws: AWSChunkedDecoder.Malformed.self) { try decode(framing, text, pieces: 5) }
    }
}
