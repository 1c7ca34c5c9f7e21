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
    func callAsFunction(_ text: String) -> UnsafeRawBufferPointer {
        callAsFunction(Array(text.utf8))
    }

    func callAsFunction(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        piece.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(piece)
    }
}

func w3c(_ record: AccessRecord) -> [String] {
    var line = W3CLine()
    var buffer = GrowableBuffer()
    line.append(record, to: &buffer)
    let text = String(decoding: buffer.readable, as: UTF8.self)
    #expect(text.hasSuffix("\n") && text.filter { $0 == "\n" }.count == 1)
    return text.dropLast().split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
}

func json(_ record: AccessRecord) throws -> JSONValue {
    var line = JSONLine()
    var buffer = GrowableBuffer()
    line.append(record, to: &buffer)
    #expect(buffer.readable.last == 0x0a && buffer.readable.filter { $0 == 0x0a }.count == 1)
    return try JSONValue.parse(buffer.bytes)
}

/// A request in which everything has a value.
func everything(_ texts: Texts) -> AccessRecord {
    var record = AccessRecord()
    record.epochNanoseconds = 1_795_230_000_123_456_789
    record.requestID = texts("0123456789abcdef0123456789abcdef")
    record.traceID = texts("4bf92f3577b34da6a3ce929d0e0e4736")
    record.location = texts("FRA1")
    record.distribution = texts("media.example.com")
    record.behavior = texts("/media/*")
    record.client = texts("192.0.2.7")
    record.port = 40_123
    record.country = texts("DE")
    record.isTLS = true
    record.tlsVersion = texts("TLSv1.3")
    record.tlsCipher = texts("TLS_AES_128_GCM_SHA256")
    record.httpVersion = "HTTP/2.0"
    record.method = texts("GET")
    record.host = texts("cdn.example.com")
    record.path = texts("/media/42/seg%20ment.m4s")
    record.query = texts("a=1&b=%2F")
    record.referrer = texts("https://example.com/watch")
    record.userAgent = texts("Mozilla/5.0 (X11; Linux x86_64) 100%")
    record.forwardedFor = texts("198.51.100.1, 203.0.113.9")
    record.cookieNames = texts("session;%20theme")
    record.requestBytes = 412
    record.status = 206
    record.responseBytes = 1_500
    record.bodyBytes = 1_000
    record.contentLength = 1_000
    record.contentType = texts("video/mp4")
    record.range = (100, 1_099)
    record.firstByteNanoseconds = 1_999_999
    record.nanoseconds = 12_345_678_901
    record.cache = "hit"
    record.responseType = .hit
    return record
}
