public import HTTPWire

/// Whose an address is, as far as requests matter that a stranger has asked for.
public enum AddressScope: Sendable, Equatable {
    /// Anybody's on the internet.
    case global
    /// This machine's own.
    case loopback
    /// An intranet's: RFC 1918, shared (100.64.0.0/10), unique local.
    case intranet
    /// No server's that anybody should be sent to: link-local and with it the metadata services of clouds, multicast,
    /// reserved, documentation, and forms that carry another address (6to4, Teredo, NAT64, IPv4-compatible).
    case never

    /// Finds out by the registries of special addresses (IANA, RFC 6890).
    ///
    /// Of IPv6 what is not known to be anybody's is `never`: blocks that are given out later must be added here first.
    public init(_ address: IPAddress) {
        if address.family == .ipv6, !Self.globalUnicast.contains(address), !Self.loopback6.contains(address),
            !Self.uniqueLocal.contains(address)
        {
            self = .never
        } else if Self.neverBlocks.contains(where: { $0.contains(address) }) {
            self = .never
        } else if Self.loopbackBlocks.contains(where: { $0.contains(address) }) {
            self = .loopback
        } else if Self.intranetBlocks.contains(where: { $0.contains(address) }) {
            self = .intranet
        } else {
            self = .global
        }
    }

    private static let globalUnicast = network("2000::/3")
    private static let uniqueLocal = network("fc00::/7")
    private static let loopback6 = network("::1/128")

    private static let loopbackBlocks = [network("127.0.0.0/8"), loopback6]

    private static let intranetBlocks = [
        network("10.0.0.0/8"), network("172.16.0.0/12"), network("192.168.0.0/16"), network("100.64.0.0/10"),
        uniqueLocal,
    ]

    private static let neverBlocks = [
        // "This network", link-local, protocol assignments, documentation, benchmarks.
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
        "198.18.0.0/15",
        // Relays of 6to4, AMT and AS112, which answer for others.
        "192.88.99.0/24", "192.52.193.0/24", "192.31.196.0/24", "192.175.48.0/24",
        // Multicast; reserved, and broadcast.
        "224.0.0.0/4", "240.0.0.0/4",
        // Metadata services outside of link-local: Azure's and Alibaba's, and Amazon's over IPv6.
        "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32",
        // Teredo, ORCHID and other assignments; documentation; 6to4; AS112.
        "2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16", "2620:4f:8000::/48",
    ].map(network)

    private static func network(_ text: String) -> IPNetwork {
        guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no block of addresses") }
        return network
    }
}
