internal import Bytes

/// An IPv4 or IPv6 address, for policies and settings that name one.
///
/// An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`, what a dual-stack socket says of an IPv4 peer) is the IPv4 address it carries
/// when it comes as bytes; in text it stays an IPv6 address, which no peer has.
public struct IPAddress: Sendable, Hashable {
    /// The two kinds, which never meet: an address of one is in no block of the other.
    public enum Family: Sendable {
        /// 32 bits.
        case ipv4
        /// 128 bits.
        case ipv6

        /// How many bits an address has.
        public var bitCount: Int { self == .ipv4 ? 32 : 128 }
    }

    /// Which kind it is.
    public let family: Family
    /// The address as a number; of IPv4 the lowest 32 bits.
    public let bits: UInt128

    init(_ family: Family, bits: UInt128) {
        self.family = family
        self.bits = bits
    }

    /// A peer's address of 4 or 16 bytes in network order; nil for any other count.
    public init?(bytes: [UInt8]) {
        let bits = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(.ipv4, bits: bits)
        case 16 where bits >> 32 == 0xffff: self.init(.ipv4, bits: bits & 0xffff_ffff)
        case 16: self.init(.ipv6, bits: bits)
        default: return nil
        }
    }

    /// Reads `a.b.c.d`, or an IPv6 address (RFC 4291 §2.2) without a zone; nil for anything else, leading zeros of IPv4
    /// included.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if let bits = Self.ipv4(bytes[...]) {
            self.init(.ipv4, bits: UInt128(bits))
        } else if let bits = Self.ipv6(bytes[...]) {
            self.init(.ipv6, bits: bits)
        } else {
            return nil
        }
    }

    private static func ipv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard part.count == 1 || part.first != UInt8(ascii: "0"), part.count <= 3,
                let value = ASCII.parseDecimal(part), value <= 255
            else { return nil }
            bits = bits << 8 | UInt32(value)
        }
        return bits
    }

    private static func ipv6(_ text: ArraySlice<UInt8>) -> UInt128? {
        let colon = UInt8(ascii: ":")
        guard let gap = text.indices.dropLast().first(where: { text[$0] == colon && text[$0 + 1] == colon }) else {
            return groups(text).flatMap { $0.count == 8 ? number($0) : nil }
        }
        // What `::` stands for is one group at least.
        guard let front = groups(text[..<gap], mayEndInIPv4: false), let back = groups(text[(gap + 2)...]),
            front.count + back.count <= 7
        else { return nil }
        return number(front + [UInt16](repeating: 0, count: 8 - front.count - back.count) + back)
    }

    /// The 16-bit groups between colons, of which the last may be two in IPv4's form; none of an empty text.
    private static func groups(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let bits = ipv4(part) {
                groups += [UInt16(bits >> 16), UInt16(bits & 0xffff)]
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = Hex.value(of: byte) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            groups.append(group)
        }
        return groups
    }

    private static func number(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

extension IPAddress: CustomStringConvertible {
    /// `a.b.c.d`, or an IPv6 address as RFC 5952 §4 writes it.
    public var description: String {
        if family == .ipv4 {
            return [24, 16, 8, 0].map { String(bits >> $0 & 255) }.joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) }
        let gap = Self.longestGap(groups)
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        return gap.isEmpty
            ? text(groups[...]) : text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    /// The first of the longest runs of two or more groups that are zero; empty if there is none.
    private static func longestGap(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        return longest
    }
}
