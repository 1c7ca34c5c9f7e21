import AccessLog
import Bytes
import JSON
import Testing

/// Calls `body` with the bytes of a text.
func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes(body)
}

/// Makes texts that stay where they are as long as the tests run, for records that point at them.
struct Texts {
    func callAsFunction(_ text: String) -> AccessText {
        callAsFunction(Array(text.utf8))
    }

    func callAsFunction(_ bytes: [UInt8]) -> AccessText {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        piece.copyBytes(from: bytes)
        return AccessText(UnsafeRawBufferPointer(piece))
    }
}

/// A request and who sent it.
struct Described: ~Copyable {
    var sender = AccessSender()
    let record = AccessRecord()
}

/// Has a line written into exactly the memory that it is said to take, with marks behind it.
func line(atMost most: Int, _ write: (UnsafeMutableRawPointer) -> Int) throws -> [UInt8] {
    let marks = [UInt8](repeating: 0xa5, count: 64)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: most + marks.count, alignment: 16)
    defer { memory.deallocate() }
    UnsafeMutableRawBufferPointer(rebasing: memory[most...]).copyBytes(from: marks)
    let count = write(try #require(memory.baseAddress))
    #expect(count <= most && memory[most...].elementsEqual(marks), "a line longer than announced")
    return [UInt8](memory[..<count])
}

private var noFields: SenderKey { SenderKey(connection: 1, head: UnsafeRawBufferPointer(start: nil, count: 0)) }

func w3c(_ described: borrowing Described) throws -> [String] {
    var writer = W3CLine()
    let sender = writer.learn(described.sender, as: noFields)
    let bytes = try line(atMost: W3CLine.mostBytes(described.record, from: sender)) {
        writer.write(described.record, from: sender, to: $0)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasSuffix("\n") && text.filter { $0 == "\n" }.count == 1)
    return text.dropLast().split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
}

func json(_ described: borrowing Described) throws -> JSONValue {
    var writer = JSONLine()
    let sender = writer.learn(described.sender, as: noFields)
    let bytes = try line(atMost: JSONLine.mostBytes(described.record, from: sender)) {
        writer.write(described.record, from: sender, to: $0)
    }
    #expect(bytes.last == 0x0a && bytes.filter { $0 == 0x0a }.count == 1)
    return try JSONValue.parse(bytes)
}

/// A request in which everything has a value.
func everything(_ texts: Texts) -> Described {
    let described = Described(sender: sender(texts))
    describeRequest(described.record, texts)
    describeResponse(described.record)
    described.record.contentType = texts("video/mp4")
    return described
}

private func sender(_ texts: Texts) -> AccessSender {
    var sender = AccessSender()
    sender.location = texts("FRA1")
    sender.client = texts("192.0.2.7")
    sender.port = 40_123
    sender.country = texts("DE")
    sender.isTLS = true
    sender.tlsVersion = texts("TLSv1.3")
    sender.tlsCipher = texts("TLS_AES_128_GCM_SHA256")
    sender.httpVersion = "HTTP/2.0"
    sender.method = texts("GET")
    sender.host = texts("cdn.example.com")
    sender.referrer = texts("https://example.com/watch")
    sender.userAgent = texts("Mozilla/5.0 (X11; Linux x86_64) 100%")
    sender.forwardedFor = texts("198.51.100.1, 203.0.113.9")
    return sender
}

private func describeRequest(_ record: AccessRecord, _ texts: Texts) {
    record.epochNanoseconds = 1_795_230_000_123_456_789
    record.requestID = texts("0123456789abcdef0123456789abcdef")
    record.traceID = texts("4bf92f3577b34da6a3ce929d0e0e4736")
    record.distribution = texts("media.example.com")
    record.behavior = texts("/media/*")
    record.path = texts("/media/42/seg%20ment.m4s")
    record.query = texts("a=1&b=%2F")
    record.cookieNames = texts("session;%20theme")
    record.requestBytes = 412
}

private func describeResponse(_ record: AccessRecord) {
    record.status = 206
    record.responseBytes = 1_500
    record.bodyBytes = 1_000
    record.contentLength = 1_000
    record.range = (100, 1_099)
    record.firstByteNanoseconds = 1_999_999
    record.nanoseconds = 12_345_678_901
    record.cache = "hit"
    record.responseType = .hit
}
