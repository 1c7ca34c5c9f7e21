internal import Bytes

/// Proxies that are believed when they say whom they ask for (`X-Forwarded-For`).
///
/// Each proxy appends the address at the other end of its connection. From the right, an entry is as good as who wrote it: the
/// first address that is no proxy's is the client's, and what stands left of it is hearsay. A loopback address that a proxy speaks of is
/// that of a program beside the proxy, not beside us, and a client like others.
public struct TrustedProxies: Sendable, Equatable {
    /// Programs of the same machine.
    public static let loopback = ["127.0.0.0/8", "::1/128"]

    private static let loopbackNetworks = loopback.compactMap { IPNetwork($0) }

    private let networks: [IPNetwork]

    /// Trusts whatever comes from these networks.
    public init(_ networks: [IPNetwork]) {
        self.networks = networks
    }

    /// The client of a request.
    ///
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - forwardedFor: the values of the field, in order.
    public func client(peer: IPAddress, forwardedFor: [String]) -> IPAddress {
        var client = peer
        for (hop, entry) in forwardedFor.flatMap({ $0.split(separator: ",") }).reversed().enumerated() {
            guard Self.contains(client, networks), hop == 0 || !Self.contains(client, Self.loopbackNetworks),
                let next = IPAddress(ASCII.trimmed(entry))
            else { break }
            client = next
        }
        return client
    }

    private static func contains(_ address: IPAddress, _ networks: [IPNetwork]) -> Bool {
        networks.contains { $0.contains(address) }
    }
}
