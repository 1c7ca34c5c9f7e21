internal import Bytes

/// A block of addresses, such as `203.0.113.0/24` or `2001:db8::/32`.
public struct IPNetwork: Sendable, Equatable, CustomStringConvertible {
    /// The first address, host bits cleared.
    public let address: IPAddress
    /// How many leading bits belong to the network: 0…32, or 0…128 for IPv6.
    public let prefixLength: Int

    /// A block; host bits in `address` are cleared.
    public init(address: IPAddress, prefixLength: Int) {
        precondition((0...address.family.bitCount).contains(prefixLength), "a prefix is no longer than its address")
        self.prefixLength = prefixLength
        let hostBits = address.family.bitCount - prefixLength
        self.address = IPAddress(address.family, bits: (address.bits >> hostBits) << hostBits)
    }

    /// Reads `ADDRESS/n`, or an address alone as a block of one; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = halves.first.flatMap({ IPAddress($0) }) else { return nil }
        var prefixLength = address.family.bitCount
        if halves.count == 2 {
            let digits = halves[1].utf8
            guard digits.count <= 3, digits.count == 1 || digits.first != UInt8(ascii: "0"),
                let value = ASCII.parseDecimal(digits), value <= prefixLength
            else { return nil }
            prefixLength = Int(value)
        }
        self.init(address: address, prefixLength: prefixLength)
    }

    /// Whether the block holds `peer`, which it never does when the two are of different families.
    public func contains(_ peer: IPAddress) -> Bool {
        guard peer.family == address.family else { return false }
        let hostBits = address.family.bitCount - prefixLength
        return (peer.bits ^ address.bits) >> hostBits == 0
    }

    /// `ADDRESS/n`.
    public var description: String { "\(address)/\(prefixLength)" }
}
