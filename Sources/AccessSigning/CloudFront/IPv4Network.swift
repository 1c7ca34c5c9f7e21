internal import Bytes

/// A block of IPv4 addresses, such as `203.0.113.0/24`.
public struct IPv4Network: Sendable, Equatable, CustomStringConvertible {
    /// The first address, host bits cleared.
    public let address: UInt32
    /// How many leading bits belong to the network, 0…32.
    public let prefixLength: Int

    /// A block; host bits in `address` are cleared.
    public init(address: UInt32, prefixLength: Int) {
        precondition((0...32).contains(prefixLength), "an IPv4 prefix has 0 to 32 bits")
        self.prefixLength = prefixLength
        self.address = address & Self.mask(prefixLength)
    }

    /// Reads `a.b.c.d/n`, or `a.b.c.d` as a block of one; nil for anything else, leading zeros and IPv6 included.
    public init?(_ text: some StringProtocol) {
        let halves = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let value = Self.number(part, upTo: 255) else { return nil }
            address = address << 8 | UInt32(value)
        }
        guard let prefixLength = halves.count == 1 ? 32 : Self.number(halves[1], upTo: 32) else { return nil }
        self.init(address: address, prefixLength: prefixLength)
    }

    /// Whether the block holds `peer`.
    public func contains(_ peer: UInt32) -> Bool {
        peer & Self.mask(prefixLength) == address
    }

    /// `a.b.c.d/n`.
    public var description: String {
        let parts = [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }
        return "\(parts.joined(separator: "."))/\(prefixLength)"
    }

    private static func mask(_ prefixLength: Int) -> UInt32 {
        prefixLength == 0 ? 0 : ~0 << UInt32(32 - prefixLength)
    }

    private static func number(_ digits: some Collection<UInt8>, upTo limit: Int) -> Int? {
        guard digits.count == 1 || digits.first != UInt8(ascii: "0"), digits.count <= 3,
            let value = ASCII.parseDecimal(digits), value <= limit
        else { return nil }
        return Int(value)
    }
}
