public import Bytes

/// Builds one line of the log: a JSON object and a line feed.
///
/// Keep one and give it to `Logger.log(_:_:reusing:)` where a line is written for every request: once it has grown it
/// allocates nothing. Pure; the time is an argument.
public struct LogLine: ~Copyable, Sendable {
    @usableFromInline var buffer = GrowableBuffer()
    private var timestamp = Timestamp()

    /// A line without memory of its own yet.
    public init() {}

    /// What has been written since `begin`.
    var bytes: UnsafeRawBufferPointer { buffer.readable }

    /// Forgets the last line and writes what every line starts with.
    mutating func begin(epochNanoseconds: Int64, level: LogLevel, label: String, message: StaticString) {
        buffer.removeAll()
        buffer.reserve(512)
        buffer.append("{\"ts\":\"")
        timestamp.append(epochNanoseconds: epochNanoseconds, to: &buffer)
        buffer.append("\",\"level\":\"")
        buffer.append(level.name)
        buffer.append("\",\"label\":")
        var label = label
        label.withUTF8 { Self.append(quoted: UnsafeRawBufferPointer($0), to: &buffer) }
        add("msg", message)
    }

    /// Adds a field.
    public mutating func add(_ key: StaticString, _ value: LogValue) {
        addName(key)
        switch value {
        case .string(var text):
            text.withUTF8 { Self.append(quoted: UnsafeRawBufferPointer($0), to: &buffer) }
        case .integer(let number): buffer.append(decimal: Int(number))
        case .number(let number): buffer.append(string: number.isFinite ? number.description : "null")
        case .bool(let flag): buffer.append(flag ? "true" : "false")
        }
    }

    /// Adds a field of text that is at hand as UTF-8.
    @inlinable
    public mutating func add(_ key: StaticString, _ text: UnsafeRawBufferPointer) {
        addName(key)
        Self.append(quoted: text, to: &buffer)
    }

    /// Adds a field of text known at compile time.
    @inlinable
    public mutating func add(_ key: StaticString, _ text: StaticString) {
        text.withUTF8Buffer { add(key, UnsafeRawBufferPointer($0)) }
    }

    /// Adds a whole number.
    @inlinable
    public mutating func add(_ key: StaticString, integer: Int) {
        addName(key)
        buffer.append(decimal: integer)
    }

    /// Adds a truth value.
    @inlinable
    public mutating func add(_ key: StaticString, bool: Bool) {
        addName(key)
        buffer.append(bool ? "true" : "false")
    }

    /// Adds a duration as milliseconds with three decimals.
    @inlinable
    public mutating func add(_ key: StaticString, milliseconds nanoseconds: UInt64) {
        addName(key)
        let microseconds = nanoseconds / 1_000
        buffer.append(decimal: microseconds / 1_000)
        buffer.append(UInt8(ascii: "."))
        buffer.append(decimal: Int(microseconds % 1_000), width: 3)
    }

    /// Adds a field of text that `write` appends: text of our own making, for it is not escaped.
    @inlinable
    public mutating func add(_ key: StaticString, writing write: (inout GrowableBuffer) -> Void) {
        addName(key)
        buffer.append(UInt8(ascii: "\""))
        write(&buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    mutating func end() {
        buffer.append("}\n")
    }

    /// Inlined, so that a name known at compile time becomes a few stores.
    @inlinable
    @inline(__always)
    mutating func addName(_ key: StaticString) {
        buffer.append(",\"")
        buffer.append(key)
        buffer.append("\":")
    }

    /// Nearly all text needs no escape, so it is looked at once and copied whole.
    @usableFromInline
    static func append(quoted text: UnsafeRawBufferPointer, to buffer: inout GrowableBuffer) {
        buffer.append(UInt8(ascii: "\""))
        if ByteSearch.hasJSONEscapable(text) { append(escaping: text, to: &buffer) } else { buffer.append(text) }
        buffer.append(UInt8(ascii: "\""))
    }

    private static func append(escaping text: UnsafeRawBufferPointer, to buffer: inout GrowableBuffer) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                buffer.append(UInt8(ascii: "\\"))
                buffer.append(byte)
            case UInt8(ascii: "\n"): buffer.append("\\n")
            case 0..<0x20, 0x7f:
                buffer.append("\\u00")
                buffer.append(Hex.digit(byte >> 4))
                buffer.append(Hex.digit(byte & 15))
            default: buffer.append(byte)
            }
        }
    }
}

/// RFC 3339 in UTC with milliseconds, such as `2026-11-21T03:00:00.000Z`; the part up to the second is kept for the next
/// line of that second.
struct Timestamp: ~Copyable, Sendable {
    private var text = GrowableBuffer()
    private var seconds = Int64.min

    mutating func append(epochNanoseconds: Int64, to buffer: inout GrowableBuffer) {
        let milliseconds = epochNanoseconds.floorDivided(by: 1_000_000)
        let seconds = milliseconds.floorDivided(by: 1_000)
        if seconds != self.seconds { write(seconds) }
        buffer.append(text.readable)
        buffer.append(decimal: Int(milliseconds - seconds * 1_000), width: 3)
        buffer.append(UInt8(ascii: "Z"))
    }

    private mutating func write(_ seconds: Int64) {
        self.seconds = seconds
        let days = seconds.floorDivided(by: 86_400)
        let second = Int(seconds - days * 86_400)
        let (year, month, day) = Self.civil(days)
        text.removeAll()
        text.append(decimal: Int(year), width: 4)
        text.append(UInt8(ascii: "-"))
        text.append(decimal: Int(month), width: 2)
        text.append(UInt8(ascii: "-"))
        text.append(decimal: Int(day), width: 2)
        text.append(UInt8(ascii: "T"))
        text.append(decimal: second / 3_600, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: second / 60 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: second % 60, width: 2)
        text.append(UInt8(ascii: "."))
    }

    /// Gregorian date of a day number since 1970, counting years from March so that the leap day comes last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
