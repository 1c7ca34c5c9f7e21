internal import Bytes

/// Takes lines out of queues and writes them, whole: what was begun in one file is not continued in another, nor behind
/// another queue's lines.
struct LogPass {
    private static let pieceBytes = 262_144

    private let outlet: any LogOutlet
    private var health = LogHealth()
    private var events: [LogEvent] = []
    /// Bytes that are written of the first line of `tornRing`.
    private var torn = 0
    private var tornRing: LineRing?
    /// Whether the last write did not go.
    private(set) var isStuck = false
    /// Whether the destination could not be opened anew, so that lines still go to the old one.
    private(set) var mustReopen = false

    init(_ outlet: any LogOutlet) {
        self.outlet = outlet
    }

    mutating func reopen() -> LogEvent? {
        guard outlet.reopen() else {
            mustReopen = true
            return health.failed("the destination cannot be opened anew; the old one is written to")
        }
        mustReopen = false
        torn = 0
        tornRing = nil
        return nil
    }

    /// Writes what waits in each queue; true if nothing is left that waited.
    mutating func write(_ rings: [LineRing]) -> Bool {
        isStuck = false
        if let tornRing, !write(tornRing) { return false }
        for ring in rings where !write(ring) { return false }
        return true
    }

    private mutating func write(_ ring: LineRing) -> Bool {
        // What comes meanwhile is for the next pass, so that no queue waits for another.
        var left = ring.capacity
        while left > 0 || torn > 0, case let lines = ring.peek(), !lines.isEmpty {
            let piece = Self.piece(of: lines)
            switch outlet.write(UnsafeRawBufferPointer(rebasing: piece[torn...])) {
            case .wrote(let count):
                let written = torn + count
                let whole = written == piece.count ? written : Self.endOfLines(in: piece[..<written])
                ring.consume(whole)
                torn = written - whole
                left -= whole
            case .refused(let count):
                ring.consume(torn + count)
                torn = 0
                ring.countDropped()
            case .failed(let reason):
                isStuck = true
                if let event = health.failed(reason) { events.append(event) }
                tornRing = torn > 0 ? ring : nil
                return false
            }
        }
        tornRing = nil
        return true
    }

    /// What is to be said, for once. `dropped` counts from the start.
    mutating func takeEvents(dropped: Int, isCaughtUp: Bool) -> [LogEvent] {
        if isCaughtUp, !mustReopen, let event = health.caughtUp() { events.append(event) }
        if let event = health.counted(dropped: dropped, isCaughtUp: isCaughtUp) { events.append(event) }
        defer { events.removeAll() }
        return events
    }

    /// Writes a line of the writer's own; one that does not go is not missed.
    mutating func write(notice: String) {
        var notice = notice
        notice.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while case .wrote(let count) = outlet.write(rest), count < rest.count {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Whole lines, some at a time, so that room is given back meanwhile.
    private static func piece(of lines: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        if lines.count <= pieceBytes { return lines }
        let end = endOfLines(in: lines[..<pieceBytes])
        return end == 0 ? lines : UnsafeRawBufferPointer(rebasing: lines[..<end])
    }

    private static func endOfLines(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    }
}
