import Testing

@testable import Telemetry

/// Takes a number of bytes and then none, as a full disk does.
private final class ScriptedOutlet: LogOutlet {
    var room = Int.max
    var files = [""]
    var canReopen = true
    var refuses = false

    func write(_ lines: UnsafeRawBufferPointer) -> LogWriteResult {
        if refuses { return .refused((lines.firstIndex(of: 0x0a) ?? lines.count - 1) + 1) }
        let count = min(room, lines.count)
        guard count > 0 else { return .failed("No space left on device") }
        room -= count
        files[files.count - 1] += String(decoding: lines[..<count], as: UTF8.self)
        return .wrote(count)
    }

    func reopen() -> Bool {
        if canReopen { files.append("") }
        return canReopen
    }
}

struct LogPassTests {
    private let outlet = ScriptedOutlet()
    private let rings = [LineRing(capacity: 4_096), LineRing(capacity: 4_096)]

    private func append(_ line: String, to ring: Int) {
        Array((line + "\n").utf8).withUnsafeBytes { _ = rings[ring].append($0) }
    }

    private var dropped: Int { rings.reduce(0) { $0 + $1.droppedLines } }

    @Test func `A line that was begun is ended before another queue's`() {
        var pass = LogPass(outlet)
        append("first", to: 0)
        append("second", to: 1)
        outlet.room = 3
        let isFirstWhole = pass.write([rings[1], rings[0]])
        #expect(!isFirstWhole)
        #expect(outlet.files == ["sec"])
        append("third", to: 0)
        outlet.room = .max
        let isRestWritten = pass.write(rings)
        #expect(isRestWritten)
        #expect(outlet.files == ["second\nfirst\nthird\n"])
    }

    @Test func `A line that was begun in one file stands whole in the next`() {
        var pass = LogPass(outlet)
        append("first", to: 0)
        append("second", to: 0)
        outlet.room = 9
        let isWhole = pass.write(rings)
        #expect(!isWhole)
        let reopening = pass.reopen()
        #expect(reopening == nil)
        outlet.room = .max
        let isWritten = pass.write(rings)
        #expect(isWritten)
        #expect(outlet.files == ["first\nsec", "second\n"])
    }

    @Test func `A full disk is said once, and that it is over; nothing is lost while there is room to wait`() {
        var pass = LogPass(outlet)
        outlet.room = 0
        var events: [LogEvent] = []
        for number in 0..<5 {
            append("\(number)", to: 0)
            let isEmpty = pass.write(rings)
            #expect(!isEmpty && pass.isStuck)
            events += pass.takeEvents(dropped: dropped, isCaughtUp: isEmpty)
        }
        #expect(events == [.failing("No space left on device")])
        outlet.room = .max
        let hasGone = pass.write(rings)
        #expect(hasGone && !pass.isStuck)
        let told = pass.takeEvents(dropped: dropped, isCaughtUp: true)
        #expect(told == [.recovered])
        let toldAgain = pass.takeEvents(dropped: dropped, isCaughtUp: true)
        #expect(toldAgain == [])
        #expect(outlet.files == ["0\n1\n2\n3\n4\n"])
    }

    @Test func `Dropping is said when it begins, and how many lines it was when it ends`() {
        var pass = LogPass(outlet)
        outlet.room = 0
        for number in 0..<3_000 { append("\(number)", to: 0) }
        let isEmpty = pass.write(rings)
        #expect(!isEmpty)
        let first = pass.takeEvents(dropped: dropped, isCaughtUp: false)
        #expect(first == [.failing("No space left on device"), .dropping])
        append("another", to: 0)
        let again = pass.takeEvents(dropped: dropped, isCaughtUp: false)
        #expect(again == [])
        outlet.room = .max
        let isWritten = pass.write(rings)
        #expect(isWritten)
        let last = pass.takeEvents(dropped: dropped, isCaughtUp: true)
        #expect(last == [.recovered, .dropped(dropped)])
        #expect(outlet.files[0].split(separator: "\n").count + dropped == 3_001)
    }

    @Test func `A destination that cannot be opened anew is said once, and the old one is used meanwhile`() {
        var pass = LogPass(outlet)
        outlet.canReopen = false
        let failure = pass.reopen()
        let second = pass.reopen()
        #expect(failure != nil && second == nil && pass.mustReopen)
        append("line", to: 0)
        let isWritten = pass.write(rings)
        #expect(isWritten && outlet.files == ["line\n"])
        let told = pass.takeEvents(dropped: 0, isCaughtUp: true)
        #expect(told == [])
        outlet.canReopen = true
        let success = pass.reopen()
        #expect(success == nil && !pass.mustReopen)
        let toldLast = pass.takeEvents(dropped: 0, isCaughtUp: true)
        #expect(toldLast == [.recovered])
    }

    @Test func `A line that the destination does not take counts as dropped`() {
        var pass = LogPass(outlet)
        append("a", to: 0)
        append("b", to: 0)
        outlet.refuses = true
        let isTaken = pass.write(rings)
        #expect(isTaken)
        #expect(dropped == 2)
    }
}
