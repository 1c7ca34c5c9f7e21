internal import Bytes

/// Text in the header of a message. Whatever the text is, what comes out is one field: a line break in it is a space.
enum MailHeader {
    /// A text that is shown as it is, such as a subject (RFC 5322 §2.2.1).
    static func text(_ text: String) -> String {
        let line = onOneLine(text)
        return isPlain(line) ? line : encodedWords(line)
    }

    /// A name before an address (RFC 5322 §3.2.5).
    static func phrase(_ text: String) -> String {
        let line = onOneLine(text)
        let escaped = line.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return isPlain(escaped) ? "\"\(escaped)\"" : encodedWords(line)
    }

    /// `"Ann" <ann@example.com>`, with a long name on a line of its own.
    static func mailbox(_ mailbox: MailAddress) -> String {
        guard let name = mailbox.name else { return mailbox.address }
        return "\(phrase(name))\r\n <\(mailbox.address)>"
    }

    /// An address, or a group without members for somebody who has none (RFC 5322 §3.4).
    static func recipient(_ recipient: MailRecipient) -> String {
        switch recipient {
        case .address(let address): mailbox(address)
        case .named(let name): "\(phrase(name)):;"
        }
    }

    /// Control characters and white space become single spaces, none of them at an end.
    private static func onOneLine(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace || $0.properties.generalCategory == .control }
            .map { String($0) }.joined(separator: " ")
    }

    /// Whether a line stays within 76 characters behind any of our fields' names, and nothing in it reads as encoded.
    private static func isPlain(_ line: String) -> Bool {
        line.utf8.count <= 60 && line.utf8.allSatisfy { 0x20...0x7e ~= $0 } && !line.contains("=?")
    }

    /// Base 64 in encoded words (RFC 2047), each whole characters and on a line of at most 76 characters.
    private static func encodedWords(_ line: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in line.unicodeScalars {
            if words[words.count - 1].count + scalar.utf8.count > 39 { words.append([]) }
            words[words.count - 1] += scalar.utf8
        }
        return words.map { "=?UTF-8?B?\(Base64.encode($0))?=" }.joined(separator: "\r\n ")
    }
}
