internal import Bytes

/// Percent encoding as CloudFront writes it into its standard logs: what would break a line or a URL is encoded, the rest is
/// left for people to read.
enum W3CEscape {
    /// Spaces, control characters, everything beyond ASCII, and these.
    private static let special: [UInt8] = Array("\"#%'<>[\\]^`{|}~".utf8)

    /// One where the byte is written as three.
    private static let isEscaped: [Bool] = (0..<256).map { byte in
        byte <= 0x20 || byte >= 0x7f || special.contains(UInt8(byte))
    }

    /// - Parameter keepsPercent: for what is percent-encoded already: paths, queries, addresses.
    static func append(_ text: UnsafeRawBufferPointer, keepsPercent: Bool, to buffer: inout GrowableBuffer) {
        if text.isEmpty { return buffer.append("-") }
        buffer.withWritable(atLeast: text.count * 3) { free in
            isEscaped.withUnsafeBufferPointer { isEscaped in
                var end = 0
                for byte in text {
                    if !isEscaped[Int(byte)] || (keepsPercent && byte == UInt8(ascii: "%")) {
                        free[end] = byte
                        end &+= 1
                    } else {
                        free[end] = UInt8(ascii: "%")
                        free[end &+ 1] = upperDigit(byte >> 4)
                        free[end &+ 2] = upperDigit(byte & 15)
                        end &+= 3
                    }
                }
                return end
            }
        }
    }

    private static func upperDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "A") &+ (value &- 10)
    }
}
