import AccessLog
import Bytes
import JSON
import Testing

/// What lines say of senders is remembered; here it is compared with what a writer says that remembers nothing.
struct SenderMemoTests {
    /// Fields of a request head, one behind the other.
    private struct Head {
        var method = "GET"
        var host = "cdn.example.com"
        var referrer = "https://example.com/watch"
        var userAgent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0"
        var forwardedFor = "198.51.100.1"
        var connection: UInt64 = 7
        var country: UInt16 = 0
        var minorVersion: UInt8 = 1
    }

    private final class Writers {
        var json = JSONLine()
        var w3c = W3CLine()
        private let record = AccessRecord()

        /// Both lines of a request, and whether both writers knew the sender.
        func lines(_ head: Head) throws -> (text: String, areKnown: Bool) {
            let texts = [head.method, head.host, head.referrer, head.userAgent, head.forwardedFor]
            return try texts.joined(separator: "\r\n").withBytes { bytes in
                var key = SenderKey(connection: head.connection, head: bytes)
                var start = 0
                let slices = texts.map { text in
                    defer { start += text.utf8.count + 2 }
                    return ByteSlice(from: start, to: start + text.utf8.count)
                }
                (key.method, key.host, key.referrer) = (slices[0], slices[1], slices[2])
                (key.userAgent, key.forwardedFor) = (slices[3], slices[4])
                key.country = head.country
                key.minorVersion = head.minorVersion
                let known = (json.text(of: key), w3c.text(of: key))
                let sender = Self.sender(head, key, bytes)
                let first = known.0 ?? json.learn(sender, as: key)
                let second = known.1 ?? w3c.learn(sender, as: key)
                var text = try line(atMost: JSONLine.mostBytes(record, from: first)) {
                    json.write(record, from: first, to: $0)
                }
                text += try line(atMost: W3CLine.mostBytes(record, from: second)) {
                    w3c.write(record, from: second, to: $0)
                }
                return (String(decoding: text, as: UTF8.self), known.0 != nil && known.1 != nil)
            }
        }

        private static func sender(_ head: Head, _ key: SenderKey, _ bytes: UnsafeRawBufferPointer) -> AccessSender {
            var sender = AccessSender()
            sender.port = Int(head.connection)
            sender.country = AccessText(head.country == 0 ? "" : "DE")
            sender.httpVersion = head.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1"
            sender.method = AccessText(key.method, in: bytes)
            sender.host = AccessText(key.host, in: bytes)
            sender.referrer = AccessText(key.referrer, in: bytes)
            sender.userAgent = AccessText(key.userAgent, in: bytes)
            sender.forwardedFor = AccessText(key.forwardedFor, in: bytes)
            return sender
        }
    }

    @Test func `A sender that is known makes the same line as one that is not`() throws {
        let writers = Writers()
        let first = try writers.lines(Head())
        let second = try writers.lines(Head())
        #expect(!first.areKnown && second.areKnown && first.text == second.text)
        #expect(first.text.contains("\"user_agent\":\"Mozilla/5.0 (X11;") && first.text.contains("Mozilla/5.0%20(X11;"))
    }

    @Test func `Whatever a line says of a sender, another one is not taken for it`() throws {
        let changes: [(inout Head) -> Void] = [
            { $0.method = "PUT" }, { $0.host = "cdn.example.net" }, { $0.referrer = "https://example.com/waltz" },
            { $0.userAgent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0" }, { $0.forwardedFor = "198.51.100.2" },
            { $0.userAgent = "" }, { $0.referrer = "" }, { $0.forwardedFor = "" }, { $0.host += "." },
            { $0.connection = 8 }, { $0.connection = 7 + 512 }, { $0.country = 1 }, { $0.minorVersion = 0 },
            // The same bytes in other fields.
            { ($0.host, $0.forwardedFor) = ("", $0.forwardedFor + $0.host) },
            { ($0.referrer, $0.userAgent) = ($0.userAgent, $0.referrer) },
        ]
        let writers = Writers()
        for change in changes {
            var other = Head()
            change(&other)
            _ = try writers.lines(Head())
            let line = try writers.lines(other)
            #expect(!line.areKnown)
            #expect(try line.text == Writers().lines(other).text)
            #expect(try writers.lines(other).text == line.text)
        }
    }

    @Test(arguments: [383, 384, 385, 600, 70_000])
    func `What is too long to be remembered is put together each time`(_ length: Int) throws {
        let writers = Writers()
        var head = Head()
        (head.method, head.host, head.referrer, head.forwardedFor) = ("", "", "", "")
        head.userAgent = String(repeating: "a", count: length)
        let first = try writers.lines(head)
        let second = try writers.lines(head)
        #expect(first.text == second.text && first.text.contains(head.userAgent))
        #expect(second.areKnown == (length <= 384))
        head.userAgent = String(repeating: "\"", count: length)
        #expect(try writers.lines(head).text.contains(String(repeating: "\\\"", count: length)))
        #expect(try !writers.lines(head).areKnown)
    }
}

extension String {
    fileprivate func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Array(utf8).withUnsafeBytes(body)
    }
}

struct OutcomeMemoTests {
    /// The line of a record, from a writer that may know its outcome.
    private func line(of record: AccessRecord, _ writer: inout JSONLine) throws -> JSONValue {
        let key = SenderKey(connection: 1, head: UnsafeRawBufferPointer(start: nil, count: 0))
        let sender = writer.learn(AccessSender(), as: key)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: JSONLine.mostBytes(record, from: sender), alignment: 16)
        defer { memory.deallocate() }
        let count = writer.write(record, from: sender, to: memory)
        return try JSONValue.parse(Array(UnsafeRawBufferPointer(start: memory, count: count)))
    }

    @Test func `An outcome that is known is told as one that is not, and none is taken for another`() throws {
        let texts = Texts()
        let changes: [(AccessRecord) -> Void] = [
            { _ in }, { $0.cache = "miss" }, { $0.responseType = .miss }, { $0.cause = .originError },
            { $0.isComplete = false }, { ($0.isComplete, $0.status) = (false, 0) },
            { ($0.scope, $0.behavior) = (2, texts("/other/*")) }, { ($0.scope, $0.behavior) = (17, texts("/17/*")) },
            { ($0.scope, $0.distribution) = (0, texts("none")) },
            { ($0.scope, $0.distribution) = (0, texts("nobody")) },
            { ($0.scope, $0.behavior) = (3, texts(String(repeating: "b", count: 300))) },
        ]
        var writer = JSONLine()
        for _ in 0..<2 {
            for change in changes {
                let record = everything(texts).record
                record.scope = 1
                change(record)
                var fresh = JSONLine()
                #expect(try line(of: record, &writer) == line(of: record, &fresh))
            }
        }
    }
}
