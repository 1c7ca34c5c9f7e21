internal import Bytes

/// Where mail comes from or goes to: an address of ASCII characters as mail servers take it without extensions, and the
/// name people see beside it.
public struct MailAddress: Sendable, Equatable {
    /// Such as `ann@example.com`.
    public let address: String
    /// Such as `Ann`; nil for none. Any text: what a header cannot hold is encoded or left out when the message is written.
    public let name: String?

    /// An address; nil unless it is a dot-atom of at most 64 characters, `@` and a host name, 254 bytes in all
    /// (RFC 5321 §4.5.3.1).
    ///
    /// Quoted local parts and address literals are refused: no provider hands them out, and each is a way to smuggle
    /// something into a header or a command.
    public init?(_ address: String, name: String? = nil) {
        guard address.utf8.count <= 254, let at = address.utf8.lastIndex(of: UInt8(ascii: "@")),
            address[..<at].utf8.count <= 64, Self.areAtoms(address[..<at], Self.isAtomCharacter),
            Self.areAtoms(address[address.utf8.index(after: at)...], Self.isHostCharacter)
        else { return nil }
        self.address = address
        self.name = name
    }

    /// Reads `ADDRESS` or `NAME <ADDRESS>`; nil for anything else.
    public init?(parsing text: String) {
        guard let open = text.lastIndex(of: "<"), text.hasSuffix(">") else {
            self.init(text)
            return
        }
        let name = ASCII.trimmed(text[..<open])
        self.init(String(text[text.index(after: open)...].dropLast()), name: name.isEmpty ? nil : name)
    }

    /// What follows the `@`.
    var domain: Substring { address.split(separator: "@").last ?? "" }

    /// Whether `text` is one or more non-empty runs of such characters with single dots between them.
    private static func areAtoms(_ text: Substring, _ isAllowed: (UInt8) -> Bool) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAllowed) }
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-")
    }

    /// `atext` of RFC 5322 §3.2.3.
    private static func isAtomCharacter(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
}

/// Whom a message is for.
public enum MailRecipient: Sendable, Equatable {
    /// Somebody with an address.
    case address(MailAddress)
    /// Somebody without one, by name: a folder keeps such a message, no server is given it.
    case named(String)

    /// Takes an address for what it is and any other text for a name.
    public init(_ text: String) {
        self = MailAddress(text).map { .address($0) } ?? .named(text)
    }
}
