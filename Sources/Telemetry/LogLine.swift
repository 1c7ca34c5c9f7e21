public import Bytes

/// Builds one line of the log: a JSON object and a line feed.
///
/// Keep one and give it to `Logger.log(_:_:reusing:)` where a line is written for every request: once it has grown it
/// allocates nothing. Pure; the time is an argument.
public struct LogLine: ~Copyable, Sendable {
    @usableFromInline var buffer = GrowableBuffer()
    private var timestamp = Timestamp()
    private var opening = LineOpening()

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
        opening.append(level, label, message, to: &buffer)
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
    @inline(__always)
    public mutating func add(_ key: StaticString, _ text: UnsafeRawBufferPointer) {
        addName(key)
        Self.append(quoted: text, to: &buffer)
    }

    /// Adds a field of text that holds nothing to escape, such as a word of ours or a token.
    @inlinable
    @inline(__always)
    public mutating func add(_ key: StaticString, word: UnsafeRawBufferPointer) {
        addName(key)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(word)
        buffer.append(UInt8(ascii: "\""))
    }

    /// Adds a field of text known at compile time, which holds nothing to escape.
    @inlinable
    @inline(__always)
    public mutating func add(_ key: StaticString, word: StaticString) {
        add(key, word: UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Adds a whole number.
    @inlinable
    @inline(__always)
    public mutating func add(_ key: StaticString, integer: Int) {
        addName(key)
        buffer.append(decimal: integer)
    }

    /// Adds a truth value.
    @inlinable
    @inline(__always)
    public mutating func add(_ key: StaticString, bool: Bool) {
        addName(key)
        if bool { buffer.append("true") } else { buffer.append("false") }
    }

    /// Adds a duration as milliseconds with three decimals.
    @inlinable
    @inline(__always)
    public mutating func add(_ key: StaticString, milliseconds nanoseconds: UInt64) {
        addName(key)
        let microseconds = nanoseconds / 1_000
        buffer.append(decimal: microseconds / 1_000)
        buffer.append(UInt8(ascii: "."))
        buffer.append(decimal: Int(microseconds % 1_000), width: 3)
    }

    /// Adds a field of text that `write` appends: text of our own making, for it is not escaped.
    @inlinable
    @inline(__always)
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
