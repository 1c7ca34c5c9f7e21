internal import Bytes
internal import HTTPWire

/// A moment as log lines write it. The text of the last second is kept: a busy edge writes thousands of lines in one.
struct LineClock: Sendable {
    /// When the second began, in nanoseconds since 1970.
    private var start = Int64.min
    /// `2026-11-`, `21T03:00` and `:00.`, as they lie in memory.
    private var text: (UInt64, UInt64, UInt64) = (0, 0, 0)

    /// `2026-11-21`, a tab and `03:00:00`.
    @inline(__always)
    mutating func putDateAndTime(_ epochNanoseconds: Int64, to line: inout LineCursor) {
        _ = sinceStart(epochNanoseconds)
        line.put(text.0, count: 8)
        line.put(text.1 ^ Self.blankInsteadOfT, count: 8)
        line.put(text.2, count: 3)
    }

    /// `2026-11-21T03:00:00.123Z`.
    @inline(__always)
    mutating func put(_ epochNanoseconds: Int64, to line: inout LineCursor) {
        let milliseconds = UInt32(truncatingIfNeeded: sinceStart(epochNanoseconds)) / 1_000_000
        line.put(text.0, count: 8)
        line.put(text.1, count: 8)
        line.put(text.2 | DecimalDigits(three: milliseconds).text << 32 | UInt64(UInt8(ascii: "Z")) << 56, count: 8)
    }

    /// Its third byte turns a `T` into a tab.
    private static var blankInsteadOfT: UInt64 { UInt64(UInt8(ascii: "T") ^ UInt8(ascii: "\t")) << 16 }

    /// Nanoseconds of the second, whose text is there then.
    @inline(__always)
    private mutating func sinceStart(_ epochNanoseconds: Int64) -> UInt64 {
        let nanoseconds = UInt64(bitPattern: epochNanoseconds &- start)
        return nanoseconds < 1_000_000_000 ? nanoseconds : begin(epochNanoseconds)
    }

    @inline(never)
    private mutating func begin(_ epochNanoseconds: Int64) -> UInt64 {
        let nanoseconds = (epochNanoseconds % 1_000_000_000 + 1_000_000_000) % 1_000_000_000
        start = epochNanoseconds - nanoseconds
        // `2026-11-21T03:00:00Z`
        let bytes = Array(ISO8601.extended(start / 1_000_000_000).utf8)
        bytes.withUnsafeBytes {
            text.0 = $0.loadUnaligned(as: UInt64.self)
            text.1 = $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let rest = $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
            text.2 = UInt64(rest & 0xff_ffff) | UInt64(UInt8(ascii: ".")) << 24
        }
        return UInt64(nanoseconds)
    }
}
