internal import Bytes

/// Builds one line of the process log: a JSON object and a line feed. Pure; the time is an argument.
struct LogLine: ~Copyable {
    private var buffer = GrowableBuffer(capacity: 512)

    /// Writes what every line starts with.
    init(epochNanoseconds: Int64, level: LogLevel, label: String, message: StaticString) {
        var timestamp = Timestamp()
        buffer.append("{\"ts\":\"")
        timestamp.append(epochNanoseconds: epochNanoseconds, to: &buffer)
        buffer.append("\",\"level\":\"")
        buffer.append(level.name)
        buffer.append("\",\"label\":")
        var label = label
        label.withUTF8 { Self.append(quoted: UnsafeRawBufferPointer($0), to: &buffer) }
        buffer.append(",\"msg\":")
        message.withUTF8Buffer { Self.append(quoted: UnsafeRawBufferPointer($0), to: &buffer) }
    }

    /// What has been written.
    var bytes: UnsafeRawBufferPointer { buffer.readable }

    /// Adds a field.
    mutating func add(_ key: StaticString, _ value: LogValue) {
        addName(key)
        switch value {
        case .string(var text):
            text.withUTF8 { Self.append(quoted: UnsafeRawBufferPointer($0), to: &buffer) }
        case .integer(let number): buffer.append(decimal: Int(number))
        case .number(let number): buffer.append(string: number.isFinite ? number.description : "null")
        case .bool(let flag): buffer.append(flag ? "true" : "false")
        }
    }

    mutating func end() {
        buffer.append("}\n")
    }

    private mutating func addName(_ key: StaticString) {
        buffer.append(",\"")
        buffer.append(key)
        buffer.append("\":")
    }

    /// Nearly all text needs no escape, so it is looked at once and copied whole.
    private static func append(quoted text: UnsafeRawBufferPointer, to buffer: inout GrowableBuffer) {
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
