internal import Bytes
internal import HTTPWire

/// A moment as log lines write it. The text of the last second is kept: a busy edge writes thousands of lines in one.
struct LineClock: ~Copyable, Sendable {
    /// `2026-11-21T03:00:00Z`
    private var text = GrowableBuffer()
    private var seconds = Int64.min

    /// `2026-11-21`, a tab and `03:00:00`.
    mutating func appendDateAndTime(_ epochNanoseconds: Int64, to buffer: inout GrowableBuffer) {
        keep(epochNanoseconds / 1_000_000_000)
        let text = text.readable
        buffer.append(UnsafeRawBufferPointer(rebasing: text[..<10]))
        buffer.append(UInt8(ascii: "\t"))
        buffer.append(UnsafeRawBufferPointer(rebasing: text[11..<19]))
    }

    /// `2026-11-21T03:00:00.123Z`.
    mutating func append(_ epochNanoseconds: Int64, to buffer: inout GrowableBuffer) {
        let seconds = epochNanoseconds / 1_000_000_000
        keep(seconds)
        buffer.append(UnsafeRawBufferPointer(rebasing: text.readable[..<19]))
        buffer.append(".")
        buffer.append(decimal: Int((epochNanoseconds - seconds * 1_000_000_000) / 1_000_000), width: 3)
        buffer.append("Z")
    }

    private mutating func keep(_ seconds: Int64) {
        if seconds == self.seconds { return }
        self.seconds = seconds
        text.removeAll()
        text.append(string: ISO8601.extended(seconds))
    }
}
