public import EventLoop
public import HTTPWire

/// Why something is not asked.
public struct OutboundRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line for whoever named the address.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Decides where requests may go that a stranger has asked for; the only place that does.
///
/// The URL is looked at when it is given, and each address when a connection to it is about to be made: names may mean
/// something else by then.
public struct OutboundRule: Sendable, Equatable {
    /// Whether this machine's and an intranet's addresses may be asked as well (default false): for tests and intranets.
    public let allowsPrivateAddresses: Bool

    /// A rule.
    public init(allowsPrivateAddresses: Bool = false) {
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }

    /// The longest URL, in bytes.
    public static let maximumURLBytes = 2_048

    /// The URL, if it is one that may be asked: http or https, nobody's name and password in it, a port of the web's or above
    /// 1023, and no address that is refused anyway.
    public func url(_ text: String) throws(OutboundRefusal) -> HTTPURL {
        guard text.utf8.count <= Self.maximumURLBytes else {
            throw OutboundRefusal("has more than \(Self.maximumURLBytes) bytes")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let url = HTTPURL(text), url.hasPlainHost else {
            throw OutboundRefusal("is no http:// or https:// address without a user name")
        }
        guard url.port == 80 || url.port == 443 || url.port >= 1_024 else {
            throw OutboundRefusal("names port \(url.port); 80, 443 and those from 1024 on are asked")
        }
        if let address = Resolver.numeric(url.host, port: url.port), !allows(address) {
            throw OutboundRefusal("names the address \(address.ip), which is not asked")
        }
        return url
    }

    /// Whether a connection may be made to an address.
    public func allows(_ address: SocketAddress) -> Bool {
        guard let ip = IPAddress(bytes: address.ipBytes) else { return false }
        return switch AddressScope(ip) {
        case .global: true
        case .loopback, .intranet: allowsPrivateAddresses
        case .never: false
        }
    }
}
