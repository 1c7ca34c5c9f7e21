internal import Bytes

/// What a line says after its time and before its fields, kept for the next line of the same kind: a line that is written for
/// every request always says the same there.
struct LineOpening: ~Copyable, Sendable {
    private var text = GrowableBuffer()
    private var level = LogLevel.info
    private var label = ""
    private var message: StaticString = ""

    mutating func append(_ level: LogLevel, _ label: String, _ message: StaticString, to buffer: inout GrowableBuffer) {
        let isSame = message.utf8Start == self.message.utf8Start && level == self.level && label == self.label
        if !isSame || text.isEmpty { write(level, label, message) }
        buffer.append(text.readable)
    }

    private mutating func write(_ level: LogLevel, _ label: String, _ message: StaticString) {
        self.level = level
        self.label = label
        self.message = message
        text.removeAll()
        text.append("\",\"level\":\"")
        text.append(level.name)
        text.append("\",\"label\":")
        var label = label
        label.withUTF8 { LogLine.append(quoted: UnsafeRawBufferPointer($0), to: &text) }
        text.append(",\"msg\":")
        message.withUTF8Buffer { LogLine.append(quoted: UnsafeRawBufferPointer($0), to: &text) }
    }
}
