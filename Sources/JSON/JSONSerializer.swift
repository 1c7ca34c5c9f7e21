internal import Bytes

extension JSONValue {
    /// The UTF-8 text of the value: compact on one line, or indented by two spaces for people.
    ///
    /// Members keep their order, so equal values built the same way give equal bytes. A number that JSON cannot express
    /// (infinite, not a number) is written as `null`, as JavaScript does.
    public func serialized(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.write(self, depth: 0)
        return writer.bytes
    }
}

extension JSONObject {
    /// The text of the object, as `JSONValue.serialized` writes it.
    public func serialized(pretty: Bool = false) -> [UInt8] {
        JSONValue.object(self).serialized(pretty: pretty)
    }
}

extension JSONValue: CustomStringConvertible {
    /// The compact text.
    public var description: String { String(decoding: serialized(), as: UTF8.self) }
}

private struct JSONWriter {
    var bytes: [UInt8] = []
    let pretty: Bool

    init(pretty: Bool) {
        self.pretty = pretty
    }

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value): bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): write(value)
        case .array(let elements):
            enclose("[", "]", isEmpty: elements.isEmpty, depth: depth) { writer in
                for (index, element) in elements.enumerated() {
                    writer.separate(index, depth: depth + 1)
                    writer.write(element, depth: depth + 1)
                }
            }
        case .object(let object):
            enclose("{", "}", isEmpty: object.isEmpty, depth: depth) { writer in
                for (index, member) in object.members.enumerated() {
                    writer.separate(index, depth: depth + 1)
                    writer.write(member.key)
                    writer.bytes.append(contentsOf: (writer.pretty ? ": " : ":").utf8)
                    writer.write(member.value, depth: depth + 1)
                }
            }
        }
    }

    private mutating func enclose(
        _ open: Character, _ close: Character, isEmpty: Bool, depth: Int, _ body: (inout JSONWriter) -> Void
    ) {
        bytes.append(contentsOf: String(open).utf8)
        body(&self)
        if !isEmpty { breakLine(depth: depth) }
        bytes.append(contentsOf: String(close).utf8)
    }

    private mutating func separate(_ index: Int, depth: Int) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        breakLine(depth: depth)
    }

    private mutating func breakLine(depth: Int) {
        guard pretty else { return }
        bytes.append(0x0a)
        bytes.append(contentsOf: repeatElement(0x20, count: depth * 2))
    }

    private mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0x0d: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7f:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Hex.digit(byte >> 4))
                bytes.append(Hex.digit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
