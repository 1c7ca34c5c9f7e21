/// Percent encoding as CloudFront writes it into its standard logs: what would break a line or a URL is encoded, the rest is
/// left for people to read.
enum W3CEscape {
    /// Whether a byte becomes three: spaces, control characters, everything beyond ASCII, and ``"#%'<>[\]^`{|}~``.
    @inline(__always)
    private static func isEscaped(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x22, 0x23, 0x25, 0x27, 0x3c, 0x3e, 0x5b...0x5e, 0x60, 0x7b...0xff: true
        default: false
        }
    }

    /// - Parameter keepsPercent: for what is percent-encoded already: paths, queries, addresses.
    static func put(_ text: AccessText, keepsPercent: Bool, to line: inout LineCursor) {
        for byte in text.bytes {
            if !isEscaped(byte) || (keepsPercent && byte == UInt8(ascii: "%")) {
                line.put(byte)
            } else {
                let digits = UInt64(upperDigit(byte >> 4)) << 8 | UInt64(upperDigit(byte & 15)) << 16
                line.put(UInt64(UInt8(ascii: "%")) | digits, count: 3)
            }
        }
    }

    private static func upperDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "A") &+ (value &- 10)
    }
}
