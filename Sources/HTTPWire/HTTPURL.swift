internal import Bytes

/// An absolute `http` or `https` URL, taken apart as far as a client needs it (RFC 9110 §4.2).
public struct HTTPURL: Sendable, Equatable {
    /// Whether the scheme is `https`.
    public let usesTLS: Bool
    /// Name or numeric address, without the brackets of an IPv6 address.
    public let host: String
    /// The port given, or the scheme's own.
    public let port: UInt16
    /// Path and query as they stand, beginning with `/`; a fragment is left out.
    public let target: String

    /// Reads a URL; `nil` for other schemes, user information, control bytes, spaces, or a host or port that is none.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), let rest = Self.afterScheme(text) else { return nil }
        usesTLS = rest.usesTLS
        let end = rest.text.firstIndex { "/?#".contains($0) } ?? rest.text.endIndex
        guard let authority = Self.authority(rest.text[..<end], defaultPort: usesTLS ? 443 : 80) else { return nil }
        (host, port) = authority
        let target = rest.text[end...].prefix { $0 != "#" }
        self.target = target.hasPrefix("/") ? String(target) : "/\(target)"
    }

    /// Whether nothing stands behind the authority but an optional `/`.
    public var isBase: Bool { target == "/" }

    /// The URL put together again, with the port named.
    public var text: String { "\(usesTLS ? "https" : "http")://\(hostAndPort)\(target)" }

    /// Host and port as they stand in a URL.
    public var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether the host is this machine under one of its own names: `localhost`, `127.0.0.1` or `::1`, written so.
    public var isLoopback: Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }

    /// Whether nobody in between can read or change what is said: TLS, or this machine alone; and the host has nothing but what
    /// names and addresses are made of.
    public var isProtected: Bool {
        (usesTLS || isLoopback)
            && host.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || "-.:_".utf8.contains($0) }
    }

    private static func afterScheme(_ text: some StringProtocol) -> (usesTLS: Bool, text: Substring)? {
        let text = Substring(text)
        let lowercased = text.prefix(8).lowercased()
        if lowercased.hasPrefix("https://") { return (true, text.dropFirst(8)) }
        if lowercased.hasPrefix("http://") { return (false, text.dropFirst(7)) }
        return nil
    }

    private static func authority(_ text: Substring, defaultPort: UInt16) -> (String, UInt16)? {
        guard !text.contains("@") else { return nil }
        var host = text
        var rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty { return (String(host), defaultPort) }
        guard rest.removeFirst() == ":", rest.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = UInt16(rest), port > 0
        else { return nil }
        return (String(host), port)
    }
}
