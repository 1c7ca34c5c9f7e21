internal import Bytes

/// A range of bytes of an object: at least one byte, inside the object.
public struct ByteRange: Sendable, Hashable {
    /// Offset of the first byte.
    public var start: Int
    /// Number of bytes.
    public var count: Int

    /// Takes both fields as they are.
    public init(start: Int, count: Int) {
        self.start = start
        self.count = count
    }

    /// Offset behind the last byte.
    public var end: Int { start + count }

    /// Whether the two have a byte in common, or none between them.
    func touches(_ other: ByteRange) -> Bool {
        start <= other.end && other.start <= end
    }

    /// The range of the bytes of both, which touch.
    func joined(with other: ByteRange) -> ByteRange {
        let first = min(start, other.start)
        return ByteRange(start: first, count: max(end, other.end) - first)
    }
}

/// What a `Range` field asks of an object of known length (RFC 9110 §14.2).
public enum ByteRangeRequest: Sendable, Equatable {
    /// The field is absent, malformed, of another unit, or greedy: answer 200 with the whole object.
    case whole
    /// One range: answer 206.
    case single(ByteRange)
    /// Disjoint ranges in the order they were asked for: answer 206 with `multipart/byteranges`.
    case several([ByteRange])
    /// Nothing asked for exists: answer 416 with `Content-Range: bytes */length`.
    case unsatisfiable

    /// Most ranges one request may have unless told otherwise; the field is ignored beyond it, as RFC 9110 §14.2 allows.
    public static let maximumRanges = 16

    /// Resolves the field's value against the object's length.
    ///
    /// Ranges that overlap or touch are joined (RFC 9110 §15.3.7.2), so the ranges together never have more bytes than the
    /// object. Nothing is allocated for a single range.
    ///
    /// Complexity: O(value + ranges²).
    public static func resolve(
        _ value: UnsafeRawBufferPointer, length: Int, maximumRanges: Int = maximumRanges
    ) -> ByteRangeRequest {
        let prefix = 6
        guard value.count > prefix,
            ASCII.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: value[..<prefix]), "bytes=")
        else { return .whole }
        var first: ByteRange?
        var others: [ByteRange] = []
        var asked = 0
        var isServable = true
        HTTPToken.forEachElement(of: UnsafeRawBufferPointer(rebasing: value[prefix...])) { element in
            asked += 1
            guard asked <= maximumRanges, let outcome = resolveOne(element, length: length) else {
                isServable = false
                return false
            }
            guard case .some(let range) = outcome else { return true }
            if first == nil { first = range } else { others.append(range) }
            return true
        }
        guard isServable, asked > 0 else { return .whole }
        guard let first else { return .unsatisfiable }
        if others.isEmpty { return .single(first) }
        let joined = joined([first] + others)
        return joined.count == 1 ? .single(joined[0]) : .several(joined)
    }

    /// Resolves the field's value given as text; nil means there is no such field.
    public static func resolve(
        _ value: String?, length: Int, maximumRanges: Int = maximumRanges
    ) -> ByteRangeRequest {
        guard var value else { return .whole }
        return value.withUTF8 {
            resolve(UnsafeRawBufferPointer($0), length: length, maximumRanges: maximumRanges)
        }
    }

    /// The ranges with those that overlap or touch made one, in the place of the first of them.
    private static func joined(_ ranges: [ByteRange]) -> [ByteRange] {
        var joined: [ByteRange] = []
        for range in ranges {
            var grown = range
            var place: Int?
            // A range that has grown may reach one it did not reach before.
            while let next = joined.firstIndex(where: { $0.touches(grown) }) {
                grown = grown.joined(with: joined.remove(at: next))
                place = min(place ?? next, next)
            }
            joined.insert(grown, at: place ?? joined.count)
        }
        return joined
    }

    /// Nil for malformed; `.some(nil)` for well-formed but outside the object.
    private static func resolveOne(_ spec: UnsafeRawBufferPointer, length: Int) -> ByteRange?? {
        guard let dash = ByteSearch.firstIndex(of: UInt8(ascii: "-"), in: spec) else { return .none }
        let firstDigits = spec[..<dash]
        let lastDigits = spec[(dash + 1)...]
        guard firstDigits.allSatisfy(ASCII.isDigit), lastDigits.allSatisfy(ASCII.isDigit) else { return .none }
        if firstDigits.isEmpty {
            guard !lastDigits.isEmpty else { return .none }
            let count = min(clamped(lastDigits), length)
            return .some(count == 0 ? nil : ByteRange(start: length - count, count: count))
        }
        let start = clamped(firstDigits)
        let last = lastDigits.isEmpty ? Int.max : clamped(lastDigits)
        guard last >= start else { return .none }
        return .some(start >= length ? nil : ByteRange(start: start, count: min(last, length - 1) - start + 1))
    }

    /// The number, or the largest one if it exceeds that: a position beyond any object is beyond this one.
    private static func clamped(_ digits: Slice<UnsafeRawBufferPointer>) -> Int {
        ASCII.parseDecimal(digits).flatMap(Int.init(exactly:)) ?? .max
    }
}
