internal import Bytes
public import HTTPWire

/// Addresses that people are sent to with something that is worth having.
public enum RedirectURI {
    /// The most bytes of an address, as in Cognito.
    public static let maximumBytes = 1024

    /// What browsers do not open but run or show.
    private static let refusedSchemes: Set<String> = [
        "about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source", "ws", "wss",
    ]

    /// Whether an administrator may name the address: `https`, `http` on this very machine, or an application's own scheme.
    ///
    /// It is absolute, has no fragment, no user, and only bytes that stand in a URI (RFC 3986 §2).
    public static func isAcceptable(_ text: String) -> Bool {
        guard (1...maximumBytes).contains(text.utf8.count), text.utf8.allSatisfy(isURIByte),
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let scheme = text[..<colon].lowercased()
        guard isScheme(scheme), !refusedSchemes.contains(scheme) else { return false }
        guard scheme == "https" || scheme == "http" else {
            return text.utf8.index(after: colon) < text.utf8.endIndex
        }
        guard let url = HTTPURL(text) else { return false }
        return url.usesTLS || ["localhost", "127.0.0.1", "::1"].contains(url.host)
    }

    /// The one of `known` that is the same byte for byte: Swift's strings call other texts equal too.
    static func find(_ asked: String, in known: [String]) -> String? {
        known.first { $0.utf8.elementsEqual(asked.utf8) }
    }

    /// The address with parameters added to its query.
    public static func adding(_ parameters: [Query.Item], to address: String) -> String {
        let separator = address.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return address + separator + Query(items: parameters).encoded
    }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, ASCII.isLetter(first) else { return false }
        return text.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || "+-.".utf8.contains($0) }
    }

    /// Unreserved and reserved bytes and `%`, without `#`.
    private static func isURIByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "-._~:/?[]@!$&'()*+,;=%".utf8.contains(byte)
    }
}
