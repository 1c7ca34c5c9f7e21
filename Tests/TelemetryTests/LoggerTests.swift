import Glibc
import JSON
import Telemetry
import Testing

struct LoggerTests {
    private func parsed(_ sink: MemorySink) throws -> [JSONValue] {
        try sink.lines.map { try JSONValue.parse(Array($0.utf8)) }
    }

    @Test func `a line is one JSON object with time, level, label, message and fields`() throws {
        let sink = MemorySink()
        let logger = Logger(label: "edge", sink: sink)
        let port: UInt16 = 8_080
        logger.warning(
            "listener closed",
            ["port": .count(port), "reason": "in use", "tls": true, "load": 0.5, "nothing": .number(.nan)])
        let line = try #require(try parsed(sink).first)
        #expect(line["level"]?.string == "warning")
        #expect(line["label"]?.string == "edge")
        #expect(line["msg"]?.string == "listener closed")
        #expect(line["port"]?.integer == 8_080)
        #expect(line["reason"]?.string == "in use")
        #expect(line["tls"]?.bool == true)
        #expect(line["load"] == .number(0.5))
        #expect(line["nothing"] == .null)
        let time = try #require(line["ts"]?.string)
        #expect(time.count == 24)
        #expect(time.hasPrefix("20") && time.hasSuffix("Z"))
    }

    @Test(arguments: [
        "plain", "quote \" and \\ slash", "line\nfeed\r\ttab", "nul \u{0} bell \u{7} del \u{7f}", "é 漢 🎬",
    ])
    func `every text survives the escaping, on a single line`(text: String) throws {
        let sink = MemorySink()
        Logger(label: text, sink: sink).info("m", ["text": .string(text)])
        let line = try #require(sink.lines.first)
        #expect(!line.utf8.contains { $0 < 0x20 })
        let value = try JSONValue.parse(Array(line.utf8))
        #expect(value["text"]?.string == text)
        #expect(value["label"]?.string == text)
    }

    @Test func `lines below the level are dropped without evaluating their fields`() {
        let sink = MemorySink()
        let logger = Logger(label: "x", level: .warning, sink: sink)
        var evaluations = 0
        func value() -> LogValue {
            evaluations += 1
            return 1
        }
        logger.info("quiet", ["n": value()])
        logger.error("loud", ["n": value()])
        #expect(sink.lines.count == 1)
        #expect(evaluations == 1)
    }

    @Test func `lines that come together leave together`() throws {
        var pair: [Int32] = [0, 0]
        // Each write is one packet.
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &pair) == 0)
        defer { pair.forEach { _ = close($0) } }
        let sink = LogWriter(.descriptor(pair[0]))
        let line = Array("0123456789\n".utf8)
        for _ in 1...1_000 { line.withUnsafeBytes { sink.write($0) } }
        sink.flush()
        var packets = 0
        var received = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while received < 11_000 {
            let count = recv(pair[1], &buffer, buffer.count, 0)
            try #require(count > 0)
            packets += 1
            received += count
        }
        #expect(received == 11_000)
        #expect(packets < 100)
    }

    @Test func `context and request id are on every line of a derived logger only`() throws {
        let sink = MemorySink()
        let logger = Logger(label: "x", sink: sink)
        let id = try #require(RequestID(incoming: Array("abc-1".utf8)))
        logger.with("video", "v1").with(id).labelled("y").info("m")
        logger.info("m")
        let lines = try parsed(sink)
        #expect(lines[0]["video"]?.string == "v1")
        #expect(lines[0]["request_id"]?.string == "abc-1")
        #expect(lines[0]["label"]?.string == "y")
        #expect(lines[1]["video"] == nil)
        #expect(lines[1]["request_id"] == nil)
    }

    @Test func `a level is read from its name`() {
        #expect(LogLevel("info") == .info)
        #expect(LogLevel("INFO") == nil)
        #expect(LogLevel.debug < .error)
    }

    // MARK: Descriptor sink

    @Test func `flushed lines are complete and in order in the descriptor`() throws {
        let pipe = try Pipe()
        let sink = LogWriter(.descriptor(pipe.writeEnd))
        let logger = Logger(label: "pipe", sink: sink)
        for index in 0..<100 { logger.info("m", ["index": .count(index)]) }
        sink.flush()
        let lines = pipe.readAvailable().split(separator: "\n")
        let indices = try lines.map { try JSONValue.parse(Array($0.utf8))["index"]?.integer }
        #expect(indices == (0..<100).map { Int64($0) })
        #expect(sink.droppedLines == 0)
    }

    @Test func `a reader that does not read costs lines, never the caller's time, and is told so later`() throws {
        let pipe = try Pipe()
        let filling = pipe.fill()
        let sink = LogWriter(.descriptor(pipe.writeEnd), capacity: 4_096)
        let line = Array(("{\"x\":\"" + String(repeating: "y", count: 1_000) + "\"}\n").utf8)
        var taken = -1
        while sink.droppedLines == 0 {
            line.withUnsafeBytes { sink.write($0) }
            taken += 1
        }
        var text = ""
        while !text.contains("log lines dropped") { text += pipe.readAvailable() }
        sink.flush()
        text += pipe.readAvailable()
        #expect(text.utf8.count > filling + taken * line.count)
        #expect(text.contains("\"lines\":1}"))
    }
}

/// A pipe whose read end does not block.
private final class Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    struct Failure: Error {}

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure() }
        readEnd = ends[0]
        writeEnd = ends[1]
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Writes until the pipe is full; returns the number of bytes.
    func fill() -> Int {
        _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
        let bytes = [UInt8](repeating: UInt8(ascii: "."), count: 4_096)
        var total = 0
        while case let count = write(writeEnd, bytes, bytes.count), count > 0 { total += count }
        _ = fcntl(writeEnd, F_SETFL, 0)
        return total
    }

    func readAvailable() -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var text: [UInt8] = []
        while true {
            let count = read(readEnd, &bytes, bytes.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += bytes[..<count]
        }
    }
}
