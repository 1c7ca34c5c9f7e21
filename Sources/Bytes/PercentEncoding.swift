/// Percent-encoding (RFC 3986 §2.1) of URL parts.
public enum PercentEncoding {
    /// Which bytes stand for themselves.
    public enum Allowed: Sendable {
        /// Letters, digits, `-`, `.`, `_`, `~`: safe in any place of a URL, and SigV4's rule.
        case unreserved
        /// The unreserved bytes and `/`: a path whose segments are encoded but not its separators.
        case path

        func contains(_ byte: UInt8) -> Bool {
            if ASCII.isLetter(byte) || ASCII.isDigit(byte) { return true }
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): return true
            case UInt8(ascii: "/"): return self == .path
            default: return false
            }
        }
    }

    /// `bytes` with everything outside `allowed` written as `%XX`, digits in upper case.
    public static func encode(_ bytes: some Sequence<UInt8>, allowed: Allowed = .unreserved) -> String {
        var text: [UInt8] = []
        let bytes = Array(bytes)
        text.reserveCapacity(bytes.count)
        for byte in bytes {
            if allowed.contains(byte) {
                text.append(byte)
            } else {
                text.append(UInt8(ascii: "%"))
                text.append(Hex.upperDigit(byte >> 4))
                text.append(Hex.upperDigit(byte & 15))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The UTF-8 of `text`, encoded.
    public static func encode(_ text: String, allowed: Allowed = .unreserved) -> String {
        encode(text.utf8, allowed: allowed)
    }

    /// The bytes with each `%XX` resolved once; nil if a `%` is not followed by two hexadecimal digits.
    ///
    /// `+` stays `+`.
    public static func decode(_ bytes: some Sequence<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        let bytes = Array(bytes)
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            if byte != UInt8(ascii: "%") {
                decoded.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(Hex.value), let low = iterator.next().flatMap(Hex.value) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    /// The text with each `%XX` resolved once; nil if the encoding is broken or the result is not UTF-8.
    public static func decode(_ text: some StringProtocol) -> String? {
        guard let bytes: [UInt8] = decode(text.utf8) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
