internal import Bytes

/// A value that a player sent for a key; the bytes lie in the parsed list.
public enum CMCDValue {
    /// At most 18 digits, so it fits an `Int`.
    case integer(Int)
    /// Digits with a point between them: a JSON number as it stands.
    case decimal(UnsafeRawBufferPointer)
    /// A truth value.
    case flag(Bool)
    /// Text without its quotes: printable ASCII in which `"` and `\` stand behind a `\`, as they would in JSON.
    case text(UnsafeRawBufferPointer)
}

/// Takes apart a list of Common Media Client Data (CTA-5004 §3.2): `key`, `key=value`, `key="text"`, with commas between.
///
/// It is a stranger's bytes: what is not of the key's form is left out, and so are keys nobody knows. Allocates nothing.
public enum CMCDParser {
    /// Calls `body` with each pair of `list`, which is percent-decoded already, in its order; a key may come twice.
    public static func forEachPair(in list: UnsafeRawBufferPointer, _ body: (CMCDKey, CMCDValue) -> Void) {
        var start = 0
        while start < list.count {
            let end = endOfPair(in: list, from: start)
            pair(ASCII.trimmed(UnsafeRawBufferPointer(rebasing: list[start..<end])), body)
            start = end + 1
        }
    }

    /// Where the comma is that ends the pair, or the end: a comma between quotes is text.
    private static func endOfPair(in list: UnsafeRawBufferPointer, from start: Int) -> Int {
        var isQuoted = false
        var index = start
        while index < list.count {
            switch list[index] {
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        return list.count
    }

    private static func pair(_ pair: UnsafeRawBufferPointer, _ body: (CMCDKey, CMCDValue) -> Void) {
        let equals = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: pair)
        guard let key = CMCDKey(UnsafeRawBufferPointer(rebasing: pair[..<(equals ?? pair.count)])) else { return }
        if let equals {
            if let value = value(of: key, UnsafeRawBufferPointer(rebasing: pair[(equals + 1)...])) { body(key, value) }
        } else if key.form == .flag {
            body(key, .flag(true))
        }
    }

    private static func value(of key: CMCDKey, _ bytes: UnsafeRawBufferPointer) -> CMCDValue? {
        switch key.form {
        case .integer:
            guard 1...18 ~= bytes.count, let number = ASCII.parseDecimal(bytes) else { return nil }
            return .integer(Int(number))
        case .decimal: return isNumber(bytes) ? .decimal(bytes) : nil
        case .flag:
            if ByteSearch.equal(bytes, "true") { return .flag(true) }
            return ByteSearch.equal(bytes, "false") ? .flag(false) : nil
        case .token:
            // Some players write tokens between quotes.
            if let text = unquoted(bytes) { return .text(text) }
            return !bytes.isEmpty && bytes.allSatisfy(isTokenByte) ? .text(bytes) : nil
        case .text: return unquoted(bytes).map { .text($0) }
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// What JSON takes for a number, without sign and exponent.
    private static func isNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let point = ByteSearch.firstIndex(of: UInt8(ascii: "."), in: bytes) ?? bytes.count
        let whole = bytes[..<point]
        guard bytes.count <= 18, !whole.isEmpty, whole.allSatisfy(ASCII.isDigit) else { return false }
        if whole.count > 1, whole.first == UInt8(ascii: "0") { return false }
        if point == bytes.count { return true }
        let fraction = bytes[(point + 1)...]
        return !fraction.isEmpty && fraction.allSatisfy(ASCII.isDigit)
    }

    /// The text between quotes, if it is well formed.
    private static func unquoted(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else { return nil }
        let text = UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1])
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\\"):
                guard index + 1 < text.count, [UInt8(ascii: "\\"), UInt8(ascii: "\"")].contains(text[index + 1]) else {
                    return nil
                }
                index += 1
            case UInt8(ascii: "\""), 0..<0x20, 0x7f...: return nil
            default: break
            }
            index += 1
        }
        return text
    }
}
