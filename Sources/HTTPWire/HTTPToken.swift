public import Bytes

/// The character classes of RFC 9110 §5.6, as bit sets so that a test costs a shift.
public enum HTTPToken {
    /// Whether the byte may stand in a token: a method, a field name, a parameter name.
    public static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<64: 0x03FF_6CFA_0000_0000 as UInt64 >> UInt64(byte) & 1 == 1
        case 64..<128: 0x57FF_FFFF_C7FF_FFFE as UInt64 >> UInt64(byte - 64) & 1 == 1
        default: false
        }
    }

    /// Whether `bytes` are a token: not empty, nothing but token characters.
    public static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(contains)
    }

    /// Whether a field value may hold the byte: visible, space, tab, or above ASCII; no control character.
    public static func isFieldContent(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || byte == 0x09
    }

    /// Whether every byte may stand in a field value.
    public static func isFieldValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !ByteSearch.hasControl(bytes)
    }

    /// Calls `body` with each element of a comma-separated list (RFC 9110 §5.6.1), trimmed, empty ones left out, until
    /// it returns false.
    ///
    /// Commas inside quoted strings do not separate.
    @inlinable
    public static func forEachElement(
        of list: UnsafeRawBufferPointer, separator: UInt8 = UInt8(ascii: ","), _ body: (UnsafeRawBufferPointer) -> Bool
    ) {
        var start = 0
        var index = 0
        var quoted = false
        while index <= list.count {
            if index == list.count || (list[index] == separator && !quoted) {
                let element = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: list[start..<index]))
                if !element.isEmpty, !body(element) { return }
                start = index + 1
            } else if list[index] == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if list[index] == UInt8(ascii: "\\"), quoted {
                index += index + 1 < list.count ? 1 : 0
            }
            index += 1
        }
    }
}
