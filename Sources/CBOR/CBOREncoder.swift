extension CBORValue {
    /// The canonical encoding.
    public func encoded() -> [UInt8] {
        switch self {
        case .unsigned(let value): Self.head(0, value)
        case .negative(let value): Self.head(1, value)
        case .bytes(let value): Self.head(2, UInt64(value.count)) + value
        case .text(let value): Self.head(3, UInt64(value.utf8.count)) + Array(value.utf8)
        case .array(let elements): elements.reduce(into: Self.head(4, UInt64(elements.count))) { $0 += $1.encoded() }
        case .map(let map):
            map.encodedPairs.reduce(into: Self.head(5, UInt64(map.keys.count))) { $0 += $1.key + $1.value }
        case .bool(let value): [value ? 0xf5 : 0xf4]
        case .null: [0xf6]
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64) -> [UInt8] {
        let type = major << 5
        if argument < 24 { return [type | UInt8(argument)] }
        let width = argument > 0xffff_ffff ? 8 : argument > 0xffff ? 4 : argument > 0xff ? 2 : 1
        let information = UInt8(24 + width.trailingZeroBitCount)
        return [type | information]
            + (0..<width).reversed().map { UInt8(truncatingIfNeeded: argument >> UInt64(8 * $0)) }
    }
}
