/// One data item of CTAP2 canonical CBOR: what authenticators write, and nothing else of RFC 8949.
///
/// A value has exactly one encoding, so equal values are equal bytes.
public indirect enum CBORValue: Sendable, Equatable {
    /// Major type 0.
    case unsigned(UInt64)
    /// Major type 1: the number −1 − the payload.
    case negative(UInt64)
    /// Major type 2.
    case bytes([UInt8])
    /// Major type 3.
    case text(String)
    /// Major type 4.
    case array([CBORValue])
    /// Major type 5.
    case map(CBORMap)
    /// The simple values 20 and 21.
    case bool(Bool)
    /// The simple value 22.
    case null

    /// A number that fits; nil for everything else.
    public var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): Int64(exactly: value).map { -1 - $0 }
        default: nil
        }
    }

    /// The bytes; nil unless a byte string.
    public var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }

    /// The text; nil unless a text string.
    public var text: String? { if case .text(let value) = self { value } else { nil } }

    /// The elements; nil unless an array.
    public var array: [CBORValue]? { if case .array(let value) = self { value } else { nil } }

    /// The map; nil for everything else.
    public var map: CBORMap? { if case .map(let value) = self { value } else { nil } }

    /// The value of a whole number.
    public init(_ number: Int64) {
        self = number < 0 ? .negative(UInt64(-1 - number)) : .unsigned(UInt64(number))
    }
}

extension CBORValue: ExpressibleByIntegerLiteral {
    /// The value of a whole number.
    public init(integerLiteral value: Int64) { self.init(value) }
}

/// A map whose keys are numbers or texts, each of them once.
public struct CBORMap: Sendable, Equatable {
    /// What a value is found under.
    public enum Key: Sendable, Hashable {
        /// A number, as in COSE.
        case integer(Int64)
        /// A text, as in attestation objects.
        case text(String)
    }

    private var values: [Key: CBORValue]

    /// A map of these values.
    public init(_ values: [Key: CBORValue] = [:]) {
        self.values = values
    }

    /// The keys, in no order.
    public var keys: Set<Key> { Set(values.keys) }

    /// The value under a number.
    public subscript(number: Int64) -> CBORValue? {
        get { values[.integer(number)] }
        set { values[.integer(number)] = newValue }
    }

    /// The value under a text.
    public subscript(text: String) -> CBORValue? {
        get { values[.text(text)] }
        set { values[.text(text)] = newValue }
    }

    /// Every pair, encoded, in the order of CTAP2 §8.
    var encodedPairs: [(key: [UInt8], value: [UInt8])] {
        values.map { (key: $0.key.value.encoded(), value: $0.value.encoded()) }
            .sorted { CBORKeyOrder.isAscending($0.key[...], $1.key[...]) }
    }
}

extension CBORMap.Key {
    var value: CBORValue {
        switch self {
        case .integer(let number): CBORValue(number)
        case .text(let text): .text(text)
        }
    }

    /// Nil for what is no key.
    init?(_ value: CBORValue) {
        if let number = value.integer {
            self = .integer(number)
        } else if let text = value.text {
            self = .text(text)
        } else {
            return nil
        }
    }
}

/// The order of keys in canonical CBOR: by major type, then the shorter encoding, then byte by byte.
enum CBORKeyOrder {
    static func isAscending(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        guard let leftFirst = left.first, let rightFirst = right.first else { return left.count < right.count }
        if leftFirst >> 5 != rightFirst >> 5 { return leftFirst >> 5 < rightFirst >> 5 }
        if left.count != right.count { return left.count < right.count }
        return left.lexicographicallyPrecedes(right)
    }
}
