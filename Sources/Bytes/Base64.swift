/// Base 64 (RFC 4648) in the three alphabets the service meets.
///
/// Decoding is strict: no whitespace, no foreign letters, no non-zero trailing bits, so one value has exactly one text
/// and a signature cannot be written two ways.
public enum Base64 {
    /// Which letters stand for 62, 63 and padding.
    public struct Alphabet: Sendable, Equatable {
        let letter62: UInt8
        let letter63: UInt8
        let padding: UInt8
        let padsByDefault: Bool

        /// `+`, `/` and `=`; padded by default (RFC 4648 §4).
        public static let standard = Alphabet(
            letter62: UInt8(ascii: "+"), letter63: UInt8(ascii: "/"), padding: UInt8(ascii: "="), padsByDefault: true)
        /// `-`, `_` and `=`; not padded by default, as tokens want it (RFC 4648 §5, RFC 7515).
        public static let url = Alphabet(
            letter62: UInt8(ascii: "-"), letter63: UInt8(ascii: "_"), padding: UInt8(ascii: "="), padsByDefault: false)
        /// CloudFront's: `-` for `+`, `~` for `/`, `_` for `=`; padded.
        public static let cloudFront = Alphabet(
            letter62: UInt8(ascii: "-"), letter63: UInt8(ascii: "~"), padding: UInt8(ascii: "_"), padsByDefault: true)

        func letter(_ value: UInt8) -> UInt8 {
            switch value {
            case 0..<26: 0x41 + value
            case 26..<52: 0x61 + (value - 26)
            case 52..<62: 0x30 + (value - 52)
            case 62: letter62
            default: letter63
            }
        }

        func value(_ letter: UInt8) -> UInt8? {
            if letter &- 0x41 < 26 { return letter &- 0x41 }
            if letter &- 0x61 < 26 { return letter &- 0x61 &+ 26 }
            if letter &- 0x30 < 10 { return letter &- 0x30 &+ 52 }
            if letter == letter62 { return 62 }
            return letter == letter63 ? 63 : nil
        }
    }

    /// The text of `bytes`; `padding` nil means the alphabet's habit.
    public static func encode(
        _ bytes: some Collection<UInt8>, alphabet: Alphabet = .standard, padding: Bool? = nil
    ) -> String {
        var text: [UInt8] = []
        let bytes = Array(bytes)
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet.letter(UInt8(truncatingIfNeeded: pending >> UInt32(bits)) & 63))
            }
        }
        if bits > 0 {
            text.append(alphabet.letter(UInt8(truncatingIfNeeded: pending << UInt32(6 - bits)) & 63))
        }
        if padding ?? alphabet.padsByDefault {
            while text.count % 4 != 0 { text.append(alphabet.padding) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`, or nil if it is not exactly what `encode` with the same arguments would write.
    public static func decode(
        _ text: some StringProtocol, alphabet: Alphabet = .standard, padding: Bool? = nil
    ) -> [UInt8]? {
        decode(text.utf8, alphabet: alphabet, padding: padding)
    }

    /// The bytes of the ASCII `text`, or nil if it is not exactly what `encode` with the same arguments would write.
    public static func decode(
        _ text: some Sequence<UInt8>, alphabet: Alphabet = .standard, padding: Bool? = nil
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        let text = Array(text)
        bytes.reserveCapacity(text.count / 4 * 3)
        var pending: UInt32 = 0
        var bits = 0
        var letters = 0
        var pads = 0
        for byte in text {
            if byte == alphabet.padding {
                pads += 1
                continue
            }
            guard pads == 0, let value = alphabet.value(byte) else { return nil }
            letters += 1
            pending = pending << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        let expectedPads = padding ?? alphabet.padsByDefault ? (4 - letters % 4) % 4 : 0
        guard letters % 4 != 1, pads == expectedPads, pending & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }
}
