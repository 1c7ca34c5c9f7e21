/// Base 32 (RFC 4648 §6): how authenticator apps take a TOTP secret.
public enum Base32 {
    /// The text of `bytes` in upper case; padded with `=` to a multiple of eight if asked, which authenticator apps do
    /// not want.
    public static func encode(_ bytes: some Sequence<UInt8>, padding: Bool = false) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(letter(UInt8(truncatingIfNeeded: pending >> UInt32(bits)) & 31))
            }
        }
        if bits > 0 {
            text.append(letter(UInt8(truncatingIfNeeded: pending << UInt32(5 - bits)) & 31))
        }
        if padding {
            while text.count % 8 != 0 { text.append(UInt8(ascii: "=")) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`: letters of either case (people type secrets), with all of the padding or none of it; nil for
    /// anything else, non-zero trailing bits included.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        var letters = 0
        var pads = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                pads += 1
                continue
            }
            guard pads == 0, let value = value(byte) else { return nil }
            letters += 1
            pending = pending << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        guard pads == 0 || pads == (8 - letters % 8) % 8 else { return nil }
        guard bits < 5, pending & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }

    private static func letter(_ value: UInt8) -> UInt8 {
        value < 26 ? 0x41 + value : 0x32 + (value - 26)
    }

    private static func value(_ letter: UInt8) -> UInt8? {
        let lower = letter | 0x20
        if lower &- 0x61 < 26 { return lower &- 0x61 }
        return letter &- 0x32 < 6 ? letter &- 0x32 &+ 26 : nil
    }
}
