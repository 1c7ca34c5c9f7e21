import Synchronization
import Testing

@testable import Telemetry

struct LineRingTests {
    private func append(_ text: String, to ring: LineRing) -> Bool {
        Array(text.utf8).withUnsafeBytes { ring.append($0) != nil }
    }

    private func take(_ ring: LineRing) -> String {
        let lines = ring.peek()
        defer { ring.consume(lines.count) }
        return String(decoding: lines, as: UTF8.self)
    }

    @Test func `Lines come out as they went in, and what has no room is counted`() {
        let ring = LineRing(capacity: 4_096)
        let line = String(repeating: "x", count: 999) + "\n"
        for _ in 0..<4 { #expect(append(line, to: ring)) }
        #expect(!append(line, to: ring))
        #expect(ring.droppedLines == 1)
        #expect(append("short\n", to: ring))
        #expect(take(ring) == String(repeating: line, count: 4) + "short\n")
        #expect(take(ring) == "" && ring.count == 0)
    }

    @Test func `A line never lies in two pieces`() {
        let ring = LineRing(capacity: 4_096)
        for round in 0..<1_000 {
            let line = String(repeating: "y", count: 300 + round % 700) + "\n"
            #expect(append(line, to: ring) && append("\(round)\n", to: ring))
            var text = take(ring)
            text += take(ring)
            #expect(text == line + "\(round)\n")
        }
        #expect(ring.droppedLines == 0)
    }

    @Test func `A line may end where the memory ends`() {
        let ring = LineRing(capacity: 4_096)
        let line = String(repeating: "x", count: 4_095) + "\n"
        for _ in 0..<3 {
            #expect(append(line, to: ring))
            #expect(take(ring) == line)
        }
        #expect(append(String(line.dropFirst(2_048)), to: ring))
        #expect(append(String(line.dropFirst(2_048)), to: ring))
        ring.consume(2_048)
        #expect(append("next\n", to: ring))
        #expect(take(ring) == String(line.dropFirst(2_048)) && take(ring) == "next\n")
    }

    @Test func `A line larger than the queue is dropped, not waited for`() {
        let ring = LineRing(capacity: 4_096)
        #expect(!append(String(repeating: "x", count: 4_097), to: ring))
        #expect(append(String(repeating: "x", count: 4_096), to: ring))
        #expect(ring.droppedLines == 1)
    }

    @Test func `What is abandoned counts as dropped`() {
        let ring = LineRing(capacity: 4_096)
        for _ in 0..<7 { #expect(append("abc\n", to: ring)) }
        ring.abandon()
        #expect(ring.droppedLines == 7 && ring.count == 0)
    }

    @Test func `An empty queue begins at the front again, without loss of room`() throws {
        let ring = LineRing(capacity: 1 << 20)
        let line = String(repeating: "x", count: 1_023) + "\n"
        let front = try #require(ring.reserve(1_024))
        for _ in 0..<3 {
            for _ in 0..<256 { #expect(append(line, to: ring)) }
            #expect(try #require(ring.reserve(1_024)) == front + 262_144)
            #expect(take(ring).utf8.count == 262_144 && ring.count == 0)
            #expect(try #require(ring.reserve(1_024)) == front)
        }
        for _ in 0..<1_024 { #expect(append(line, to: ring)) }
        #expect(!append(line, to: ring) && ring.droppedLines == 1)
        #expect(take(ring).utf8.count == 1 << 20)
    }

    @Test func `Nothing is queued before it is committed`() throws {
        let ring = LineRing(capacity: 4_096)
        let room = try #require(ring.reserve(4_096))
        room.storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
        #expect(ring.count == 0 && take(ring) == "")
        let waiting = ring.commit(1)
        #expect(waiting == (0, 1) && take(ring) == "\n")
        #expect(ring.reserve(4_097) == nil && ring.droppedLines == 0)
    }

    @Test(arguments: [8_192, 524_288])
    func `Between two threads every line arrives once, in order, or is counted`(_ capacity: Int) async {
        let ring = LineRing(capacity: capacity)
        let lines = 100_000
        let isDone = Atomic<Bool>(false)
        async let produced: Void = Self.produce(lines, to: ring)
        var seen = 0
        var last = -1
        var rest = ""
        while true {
            let finished = isDone.load(ordering: .acquiring)
            let text = rest + take(ring)
            rest = ""
            for line in text.split(separator: "\n") {
                guard let number = Int(line.prefix { $0 != " " }) else {
                    Issue.record("not a line: \(line)")
                    return
                }
                #expect(number > last)
                last = number
                seen += 1
            }
            if finished, ring.count == 0 { break }
            if seen + ring.droppedLines == lines { isDone.store(true, ordering: .releasing) }
            await Task.yield()
        }
        await produced
        #expect(seen + ring.droppedLines == lines)
        #expect(seen > 0)
    }

    private static func produce(_ lines: Int, to ring: LineRing) async {
        for number in 0..<lines {
            let line = Array("\(number) \(String(repeating: "z", count: number % 97))\n".utf8)
            _ = line.withUnsafeBytes { ring.append($0) }
            if number % 64 == 0 { await Task.yield() }
        }
    }
}
