internal import HTTPWire

/// For whom passkeys are made, and whose pages may use them.
public struct RelyingParty: Sendable, Equatable {
    /// A host name; browsers bind passkeys to it and its subdomains.
    public let id: String
    /// The origins of pages, as browsers write them.
    public let origins: Set<String>
    /// Whether the authenticator must make sure whom it serves, with a PIN or by body; false by default, when it is asked to where
    /// it can.
    public let requiresUserVerification: Bool

    /// Throws when the id is no host name, or an origin is not one that a browser would let use it.
    public init(
        id: String, origins: [String], requiresUserVerification: Bool = false
    ) throws(RelyingPartyError) {
        guard Self.isHostName(id) else { throw .idIsNoName(id) }
        for origin in origins {
            guard Self.origin(of: origin) == origin, let host = HTTPURL(origin)?.host,
                host == id || host.hasSuffix(".\(id)")
            else { throw .foreignOrigin(origin) }
        }
        self.id = id
        self.origins = Set(origins)
        self.requiresUserVerification = requiresUserVerification
    }

    /// The relying party of a site: its host's name, and pages of that origin alone.
    ///
    /// An address of the machine itself stands for `localhost`: passkeys have no use for addresses, and the site is there under
    /// that name too. Any other address throws, and so does `http` elsewhere than on `localhost`, where browsers have no passkeys.
    public init(site: String, requiresUserVerification: Bool = false) throws(RelyingPartyError) {
        guard let url = HTTPURL(site) else { throw .foreignOrigin(site) }
        let name = Self.isLoopback(url.host) ? "localhost" : url.host.lowercased()
        guard Self.isHostName(name) else { throw .idIsNoName(url.host) }
        let scheme = url.usesTLS ? "https" : "http"
        guard let origin = Self.origin(of: "\(scheme)://\(name):\(url.port)") else { throw .foreignOrigin(site) }
        try self.init(id: name, origins: [origin], requiresUserVerification: requiresUserVerification)
    }

    /// The origin of a URL with nothing behind its authority, as browsers write it; nil where pages have no passkeys.
    private static func origin(of text: String) -> String? {
        guard let url = HTTPURL(text), url.isBase else { return nil }
        let host = url.host.lowercased()
        guard url.usesTLS || host == "localhost" || host.hasSuffix(".localhost") else { return nil }
        let usualPort: UInt16 = url.usesTLS ? 443 : 80
        return "\(url.usesTLS ? "https" : "http")://\(host)" + (url.port == usualPort ? "" : ":\(url.port)")
    }

    private static func isHostName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return IPAddress(text) == nil && text.utf8.count <= 253 && labels.last?.allSatisfy(\.isNumber) == false
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
                    }
            }
    }

    private static func isLoopback(_ host: String) -> Bool {
        guard let address = IPAddress(host) else { return false }
        return address.family == .ipv4 ? address.bits >> 24 == 127 : address.bits == 1
    }
}

/// Why there can be no such relying party.
public enum RelyingPartyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The id is an address or otherwise no host name.
    case idIsNoName(String)
    /// It is not the origin of a page that may use the relying party's passkeys.
    case foreignOrigin(String)

    /// One line.
    public var description: String {
        switch self {
        case .idIsNoName(let id): "\"\(id)\" is no host name in lower case; passkeys are not made for addresses"
        case .foreignOrigin(let origin):
            "\"\(origin)\" is not https://NAME, or http:// on localhost, with the relying party's name or a name under it"
        }
    }
}
