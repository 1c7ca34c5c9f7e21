import S3Wire
import Testing

@Suite struct MultipartFormParserTests {
    private typealias Event = MultipartFormParser.Event

    private static let form = """
        --b0\r
        Content-Disposition: form-data; name="Key"\r
        \r
        uploads/${filename}\r
        --b0\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --b0\r
        Content-Disposition: form-data; name="file"; filename="a \\"b\\".mp4"\r
        Content-Type: video/mp4\r
        \r
        one\r
        --b\r
        two\r
        --b0\r
        Content-Disposition: form-data; name="submit"\r
        \r
        Send\r
        --b0--\r
        \r
        """

    private func parse(
        _ text: String, pieces size: Int = 1_000_000, type: String = "multipart/form-data; boundary=b0"
    ) throws -> (events: [Event], data: String, isFinished: Bool) {
        var parser = try #require(MultipartFormParser(contentType: type))
        var (events, data): ([Event], [UInt8]) = ([], [])
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            for event in try parser.parse(Array(bytes[start..<min(start + size, bytes.count)])) {
                if case .data(let slice) = event { data += slice } else { events.append(event) }
            }
        }
        return (events, String(decoding: data, as: UTF8.self), parser.isFinished)
    }

    @Test(arguments: [1, 2, 3, 5, 64, 1_000_000])
    func `fields and the file are found however the bytes are cut`(size: Int) throws {
        let (events, data, isFinished) = try parse(Self.form, pieces: size)
        #expect(
            events == [
                .field(name: "key", value: "uploads/${filename}"), .field(name: "empty", value: ""),
                .file(name: "a \"b\".mp4", contentType: "video/mp4"), .fileEnd,
            ])
        #expect(data == "one\r\n--b\r\ntwo")
        #expect(isFinished)
    }

    @Test func `a form that is cut anywhere is not finished`() throws {
        let end = Self.form.utf8.count - 4
        for count in 0..<end {
            let cut = String(decoding: Self.form.utf8.prefix(count), as: UTF8.self)
            #expect(try !parse(cut).isFinished)
        }
    }

    @Test(arguments: [
        "--b0\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\nno colon\r\n\r\n1\r\n--b0--\r\n",
        "--b0X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b0--\r\n",
        "--b0\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b0\r\n"
            + "Content-Disposition: form-data; name=\"A\"\r\n\r\n2\r\n--b0--\r\n",
    ])
    func `what is no form with a file is refused`(_ text: String) {
        #expect(throws: MultipartFormParser.Failure.malformed) { try parse(text, pieces: 4) }
    }

    @Test func `what is not the file is limited, the file is not`() throws {
        let long = String(repeating: "x", count: 21_000)
        let head = "--b0\r\nContent-Disposition: form-data; name="
        for text in [
            long, "--b0\r\n" + long, "\(head)\"a\"\r\n\r\n" + long,
            (0..<30).map { "\(head)\"f\($0)\"\r\n\r\n\(String(repeating: "x", count: 1_000))\r\n" }.joined(),
            "\(head)\"file\"\r\n\r\n1\r\n--b0\r\nContent-Disposition: form-data; name=\"z\"\r\n\r\n" + long,
        ] {
            #expect(throws: MultipartFormParser.Failure.tooLarge) { try parse(text, pieces: 999) }
        }
        let whole = try parse("\(head)\"file\"; filename=x\r\n\r\n\(long)\(long)\r\n--b0--", pieces: 999)
        #expect(whole.data.utf8.count == 42_000 && whole.isFinished)
    }

    @Test func `a type without a usable boundary is none`() {
        for type in [
            "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=b0", "text/plain",
            "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
            "multipart/form-data; boundary=a; boundary=b",
        ] {
            #expect(MultipartFormParser(contentType: type) == nil, "\(type)")
        }
        #expect(MultipartFormParser(contentType: "Multipart/Form-Data; charset=utf-8; boundary=\"b 0\"") != nil)
    }
}
