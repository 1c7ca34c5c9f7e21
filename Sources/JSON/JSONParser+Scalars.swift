internal import Bytes

extension JSONParser {
    /// A number by the grammar of RFC 8259 §6, which is stricter than what number conversions accept.
    mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        var isInteger = true
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
            if ASCII.isDigit(current) { throw failure(.invalidNumber, at: start) }
        } else {
            try skipDigits(from: start)
        }
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits(from: start)
        }
        if current | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits(from: start)
        }
        let digits = String(decoding: text[start..<position], as: UTF8.self)
        if isInteger, digits != "-0", let value = Int64(digits) { return .integer(value) }
        guard let value = Double(digits), value.isFinite else { throw failure(.numberOutOfRange, at: start) }
        return .number(value)
    }

    /// The byte at `position`, or 0, which no grammar rule here accepts, at the end.
    private var current: UInt8 { position < text.count ? text[position] : 0 }

    private mutating func skipDigits(from start: Int) throws(JSONError) {
        guard ASCII.isDigit(current) else {
            throw position < text.count ? failure(.invalidNumber, at: start) : failure(.unexpectedEnd)
        }
        while ASCII.isDigit(current) { position += 1 }
    }

    /// A string from its opening quote to its closing one.
    mutating func parseString() throws(JSONError) -> String {
        let start = position + 1
        position = start
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text[start..<position], as: UTF8.self) else {
                    throw failure(.invalidUTF8, at: start)
                }
                position += 1
                return string
            case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
            case 0..<0x20: throw failure(.controlCharacter)
            default: position += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    /// The rest of a string whose first escape has been reached: pieces are collected and checked at the end.
    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var content = [UInt8](text[start..<position])
        while position < text.count {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: content, as: UTF8.self) else {
                    throw failure(.invalidUTF8, at: start)
                }
                position += 1
                return string
            case UInt8(ascii: "\\"): try parseEscape(into: &content)
            case 0..<0x20: throw failure(.controlCharacter)
            default:
                content.append(byte)
                position += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    private mutating func parseEscape(into content: inout [UInt8]) throws(JSONError) {
        let start = position
        guard position + 1 < text.count else { throw failure(.unexpectedEnd, at: text.count) }
        let letter = text[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0c)
        case UInt8(ascii: "n"): content.append(0x0a)
        case UInt8(ascii: "r"): content.append(0x0d)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            content.append(contentsOf: String(Character(try parseUnicodeEscape(from: start))).utf8)
        default: throw failure(.invalidEscape, at: start)
        }
    }

    private mutating func parseUnicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try parseFourHexDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        else { throw failure(.invalidEscape, at: start) }
        position += 2
        let second = try parseFourHexDigits(from: start)
        guard 0xdc00..<0xe000 ~= second,
            let scalar = Unicode.Scalar(0x10000 + UInt32(first - 0xd800) << 10 + UInt32(second - 0xdc00))
        else { throw failure(.invalidEscape, at: start) }
        return scalar
    }

    private mutating func parseFourHexDigits(from start: Int) throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < text.count else { throw failure(.unexpectedEnd) }
            guard let digit = Hex.value(of: text[position]) else { throw failure(.invalidEscape, at: start) }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
