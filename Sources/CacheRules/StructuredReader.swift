internal import Bytes
internal import HTTPWire

/// The parsing algorithms of RFC 8941 §4.2, as far as dictionaries need them. Every method leaves `position` behind what
/// it has read and answers nil at the first byte that does not fit.
struct StructuredReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// §4.2.2, with the blanks around it that §4.2 allows.
    consuming func dictionary() -> [(key: String, value: StructuredDictionary.Value)]? {
        var members: [(key: String, value: StructuredDictionary.Value)] = []
        skipSpaces()
        if position == bytes.count { return members }
        while true {
            guard let key = key() else { return nil }
            let value: StructuredDictionary.Value?
            if skip("=") { value = memberValue() } else { value = parameters() ? .item(.boolean(true)) : nil }
            guard let value else { return nil }
            if let known = members.firstIndex(where: { $0.key == key }) {
                members[known].value = value
            } else {
                members.append((key, value))
            }
            skipBlanks()
            if position == bytes.count { return members }
            guard skip(",") else { return nil }
            skipBlanks()
            if position == bytes.count { return nil }
        }
    }

    private mutating func memberValue() -> StructuredDictionary.Value? {
        if skip("(") { return innerList().map { .list($0) } }
        guard let item = item() else { return nil }
        return .item(item)
    }

    /// §4.2.1.2, behind the opening parenthesis.
    private mutating func innerList() -> [StructuredDictionary.Item]? {
        var items: [StructuredDictionary.Item] = []
        while true {
            skipSpaces()
            if skip(")") { return parameters() ? items : nil }
            guard let item = item(), position < bytes.count, bytes[position] == 0x20 || isNext(")") else { return nil }
            items.append(item)
        }
    }

    /// A bare item and its parameters.
    private mutating func item() -> StructuredDictionary.Item? {
        guard let item = bareItem(), parameters() else { return nil }
        return item
    }

    /// §4.2.3.1.
    private mutating func bareItem() -> StructuredDictionary.Item? {
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: ":"): return byteSequence()
        case UInt8(ascii: "?"): return boolean()
        case UInt8(ascii: "*"): return token()
        case let byte where ASCII.isLetter(byte): return token()
        default: return nil
        }
    }

    /// §4.2.3.2; false at the first byte that does not fit.
    private mutating func parameters() -> Bool {
        while skip(";") {
            skipSpaces()
            guard key() != nil else { return false }
            if skip("="), bareItem() == nil { return false }
        }
        return true
    }

    /// §4.2.3.3.
    private mutating func key() -> String? {
        let start = position
        guard position < bytes.count, isLowercase(bytes[position]) || isNext("*") else { return nil }
        while position < bytes.count, isKeyByte(bytes[position]) { position += 1 }
        return text(from: start)
    }

    /// §4.2.4: at most fifteen digits, or twelve and a point and three.
    private mutating func number() -> StructuredDictionary.Item? {
        let sign = skip("-") ? -1 : 1
        let start = position
        while position < bytes.count, ASCII.isDigit(bytes[position]) { position += 1 }
        let digits = bytes[start..<position]
        guard let whole = ASCII.parseDecimal(digits), digits.count <= 15 else { return nil }
        guard skip(".") else { return .integer(sign * Int(whole)) }
        let fractionStart = position
        while position < bytes.count, ASCII.isDigit(bytes[position]) { position += 1 }
        let fraction = bytes[fractionStart..<position]
        guard digits.count <= 12, fraction.count <= 3, let parts = ASCII.parseDecimal(fraction) else { return nil }
        let scale = [100, 10, 1][fraction.count - 1]
        return .decimal(thousandths: sign * (Int(whole) * 1000 + Int(parts) * scale))
    }

    /// §4.2.5.
    private mutating func string() -> StructuredDictionary.Item? {
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            var byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return .string(String(decoding: content, as: UTF8.self)) }
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { return nil }
                byte = bytes[position]
                position += 1
                guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { return nil }
            }
            guard 0x20...0x7e ~= byte else { return nil }
            content.append(byte)
        }
        return nil
    }

    /// §4.2.6.
    private mutating func token() -> StructuredDictionary.Item? {
        let start = position
        while position < bytes.count, HTTPToken.contains(bytes[position]) || isNext(":") || isNext("/") {
            position += 1
        }
        return .token(text(from: start))
    }

    /// §4.2.7.
    private mutating func byteSequence() -> StructuredDictionary.Item? {
        guard let end = ByteSearch.firstIndex(of: UInt8(ascii: ":"), in: bytes, from: position + 1) else { return nil }
        let encoded = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        position = end + 1
        guard let decoded = Base64.decode(encoded) else { return nil }
        return .bytes(decoded)
    }

    /// §4.2.8.
    private mutating func boolean() -> StructuredDictionary.Item? {
        position += 1
        if skip("1") { return .boolean(true) }
        return skip("0") ? .boolean(false) : nil
    }

    // MARK: Bytes

    private func isLowercase(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }

    private func isKeyByte(_ byte: UInt8) -> Bool {
        isLowercase(byte) || ASCII.isDigit(byte) || "_-.*".utf8.contains(byte)
    }

    private func isNext(_ character: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: character)
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpaces() {
        while isNext(" ") { position += 1 }
    }

    /// Optional whitespace between members: blanks and tabs.
    private mutating func skipBlanks() {
        while isNext(" ") || isNext("\t") { position += 1 }
    }

    private func text(from start: Int) -> String {
        String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
