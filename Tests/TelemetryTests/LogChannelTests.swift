import Telemetry
import Testing

struct LogChannelTests {
    /// Writes a line of `count` bytes, for which it reserves `most`.
    private func write(_ count: Int, atMost most: Int, to channel: LogChannel) {
        let memory = channel.reserve(most)
        let line = String(repeating: "x", count: count - 1) + "\n"
        memory.copyMemory(from: Array(line.utf8), byteCount: count)
        channel.commit(count)
    }

    @Test func `A line that fits is taken where the longest one would not, and others are counted as dropped`() throws {
        let writer = LogWriter(.file("/nonexistent/log"), onEvent: { _ in })
        let channel = writer.channel(capacity: 4_096)
        write(1_000, atMost: 4_000, to: channel)
        write(1_000, atMost: 4_000, to: channel)
        write(1_000, atMost: 100_000, to: channel)
        #expect(writer.droppedLines == 0)
        write(2_000, atMost: 4_000, to: channel)
        #expect(writer.droppedLines == 1)
        write(1_000, atMost: 1_000, to: channel)
        #expect(writer.droppedLines == 1)
        writer.close(within: 0)
        #expect(writer.droppedLines == 5)
    }

    @Test func `Where a sink has no queues, lines arrive at once`() {
        let sink = MemorySink()
        let channel = sink.channel(capacity: 4_096)
        write(10, atMost: 1_000, to: channel)
        write(100_000, atMost: 200_000, to: channel)
        write(20, atMost: 1_000, to: channel)
        #expect(sink.lines.map(\.count) == [9, 99_999, 19])
    }
}
