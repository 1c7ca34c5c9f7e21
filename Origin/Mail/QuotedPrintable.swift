/// Text as bytes that every mail server passes on unchanged (RFC 2045 §6.7): lines of at most 76 ASCII characters, which a
/// person can still read where they are ASCII.
enum QuotedPrintable {
    private static let lineLimit = 76
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// Lines may end in any way and end in CRLF afterwards, the last one too.
    static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        if lines.last?.isEmpty == true, lines.count > 1 { lines.removeLast() }
        for line in lines {
            append(Array(line.utf8), to: &output)
            output += [0x0d, 0x0a]
        }
        return output
    }

    private static func append(_ line: [UInt8], to output: inout [UInt8]) {
        var column = 0
        for (index, byte) in line.enumerated() {
            let isLast = index == line.count - 1
            let isLiteral =
                0x21...0x7e ~= byte && byte != UInt8(ascii: "=") || !isLast && (byte == 0x20 || byte == 0x09)
            let width = isLiteral ? 1 : 3
            // All but the last of a line leave room for the mark of a soft line break.
            if column + width > (isLast ? lineLimit : lineLimit - 1) {
                output += Array("=\r\n".utf8)
                column = 0
            }
            output += isLiteral ? [byte] : [UInt8(ascii: "="), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            column += width
        }
    }
}
