internal import Bytes

/// The `CloudFront-*` cookies of one request, as views of its bytes.
///
/// Browsers send cookies of one name but different paths side by side, so the n-th policy, signature and key pair id
/// form the n-th candidate; at most four are looked at. Feed it every `Cookie` field; nothing is copied or allocated.
public struct SignedCookies {
    /// How many candidates are considered.
    public static let maximumSets = 4

    private var sets = InlineArray<4, SigningParameters>(repeating: SigningParameters())
    /// How many cookies of each name have been seen, by position in `SigningParameters.Name`.
    private var counts = InlineArray<5, Int>(repeating: 0)

    /// No cookies yet.
    public init() {}

    /// The cookies of these field values.
    public init(scanning fields: some Sequence<UnsafeRawBufferPointer>) {
        for field in fields { scan(field) }
    }

    /// How many candidates there are to try; 0 when there is no signing cookie at all.
    var setCount: Int {
        var most = 0
        for index in counts.indices { most = max(most, counts[index]) }
        return min(most, Self.maximumSets)
    }

    subscript(index: Int) -> SigningParameters { sets[index] }

    /// Adds the cookies of one field value (RFC 6265 §4.2.1); malformed pairs are skipped.
    public mutating func scan(_ field: UnsafeRawBufferPointer) {
        var start = 0
        while start < field.count {
            let end = ByteSearch.firstIndex(of: UInt8(ascii: ";"), in: field, from: start) ?? field.count
            if let equals = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: field, from: start), equals < end {
                add(
                    name: ASCII.trimmed(UnsafeRawBufferPointer(rebasing: field[start..<equals])),
                    value: ASCII.trimmed(UnsafeRawBufferPointer(rebasing: field[(equals + 1)..<end])))
            }
            start = end + 1
        }
    }

    private mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard let parameter = Self.parameter(of: name) else { return }
        let position =
            switch parameter {
            case .policy: 0
            case .expires: 1
            case .signature: 2
            case .keyPairId: 3
            case .hash: 4
            }
        let index = counts[position]
        guard index < Self.maximumSets else { return }
        counts[position] = index + 1
        sets[index][parameter] = value
    }
}
