extension CBORValue {
    /// The value that `bytes` are, from the first byte to the last.
    public static func parse(_ bytes: [UInt8], limits: CBORLimits = CBORLimits()) throws(CBORError) -> CBORValue {
        let (value, count) = try parseFirst(bytes[...], limits: limits)
        guard count == bytes.count else { throw CBORError(reason: .trailing, offset: count) }
        return value
    }

    /// The value that `bytes` begin with, and how many of them it takes.
    public static func parseFirst(
        _ bytes: ArraySlice<UInt8>, limits: CBORLimits = CBORLimits()
    ) throws(CBORError) -> (value: CBORValue, byteCount: Int) {
        var parser = CBORParser(bytes, limits)
        let value = try parser.value(depth: 0)
        return (value, parser.offset)
    }
}

/// Reads values from the front of some bytes; recursion ends at the depth that is allowed.
private struct CBORParser {
    private let bytes: ArraySlice<UInt8>
    private let limits: CBORLimits
    /// How many bytes have been read.
    private(set) var offset = 0

    init(_ bytes: ArraySlice<UInt8>, _ limits: CBORLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func value(depth: Int) throws(CBORError) -> CBORValue {
        let start = offset
        let (major, argument) = try head()
        switch major {
        case 0: return .unsigned(argument)
        case 1: return .negative(argument)
        case 2: return .bytes(Array(try take(argument, from: start)))
        case 3:
            guard let text = String(validating: try take(argument, from: start), as: UTF8.self) else {
                throw CBORError(reason: .notText, offset: start)
            }
            return .text(text)
        case 4, 5:
            guard depth < limits.maximumDepth else { throw CBORError(reason: .tooDeep, offset: start) }
            return major == 4 ? try array(argument, start, depth) : try map(argument, start, depth)
        case 7 where argument == 20 || argument == 21: return .bool(argument == 21)
        case 7 where argument == 22: return .null
        default: throw CBORError(reason: .unsupported, offset: start)
        }
    }

    private mutating func array(_ count: UInt64, _ start: Int, _ depth: Int) throws(CBORError) -> CBORValue {
        var elements: [CBORValue] = []
        for _ in 0..<(try itemCount(count, bytesEach: 1, from: start)) {
            elements.append(try value(depth: depth + 1))
        }
        return .array(elements)
    }

    private mutating func map(_ count: UInt64, _ start: Int, _ depth: Int) throws(CBORError) -> CBORValue {
        var pairs: [CBORMap.Key: CBORValue] = [:]
        var previous: ArraySlice<UInt8>?
        for _ in 0..<(try itemCount(count, bytesEach: 2, from: start)) {
            let keyStart = offset
            guard let key = CBORMap.Key(try value(depth: depth + 1)) else {
                throw CBORError(reason: .wrongKey, offset: keyStart)
            }
            let encoded = bytes[position(keyStart)..<position(offset)]
            if let previous, !CBORKeyOrder.isAscending(previous, encoded) {
                throw CBORError(reason: .keyOrder, offset: keyStart)
            }
            previous = encoded
            pairs[key] = try value(depth: depth + 1)
        }
        return .map(CBORMap(pairs))
    }

    /// A count that the bytes which are left can hold.
    private func itemCount(_ count: UInt64, bytesEach: Int, from start: Int) throws(CBORError) -> Int {
        guard let items = Int(exactly: count), items <= (bytes.count - offset) / bytesEach else {
            throw CBORError(reason: .truncated, offset: start)
        }
        return items
    }

    /// The major type and the argument of RFC 8949 §3, in its shortest form.
    private mutating func head() throws(CBORError) -> (major: UInt8, argument: UInt64) {
        let start = offset
        let initial = try take(1, from: start).first ?? 0
        let (major, information) = (initial >> 5, initial & 31)
        guard information >= 24 else { return (major, UInt64(information)) }
        guard information <= 27, major != 7 else { throw CBORError(reason: .unsupported, offset: start) }
        let width = 1 << Int(information - 24)
        let argument = try take(UInt64(width), from: start).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let smallest: UInt64 = width == 1 ? 24 : 1 << UInt64(width * 4)
        guard argument >= smallest else { throw CBORError(reason: .notShortest, offset: start) }
        return (major, argument)
    }

    private mutating func take(_ count: UInt64, from start: Int) throws(CBORError) -> ArraySlice<UInt8> {
        guard let wanted = Int(exactly: count), wanted <= bytes.count - offset else {
            throw CBORError(reason: .truncated, offset: start)
        }
        guard wanted <= limits.maximumBytes - offset else { throw CBORError(reason: .tooLarge, offset: start) }
        defer { offset += wanted }
        return bytes[position(offset)..<position(offset + wanted)]
    }

    private func position(_ offset: Int) -> Int { bytes.startIndex + offset }
}
