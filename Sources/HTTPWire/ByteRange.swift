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
}

/// What a `Range` field asks of an object of known length (RFC 9110 §14.2).
public enum ByteRangeRequest: Sendable, Equatable {
    /// The field is absent, malformed, of another unit, or greedy: answer 200 with the whole object.
    case whole
    /// One range: answer 206.
    case single(ByteRange)
    /// Ascending, disjoint ranges: answer 206 with `multipart/byteranges`.
    case several([ByteRange])
    /// Nothing asked for exists: answer 416 with `Content-Range: bytes */length`.
    case unsatisfiable

    /// Most ranges one request may have; the field is ignored beyond it, as RFC 9110 §14.2 allows.
    public static let maximumRanges = 16

    /// Resolves the field's value against the object's length.
    ///
    /// Several ranges are served only if they ascend and do not overlap, so an answer is never larger than the object.
    public static func resolve(_ value: UnsafeRawBufferPointer, length: Int) -> ByteRangeRequest {
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
            if let previous = others.last ?? first, range.start < previous.end {
                isServable = false
                return false
            }
            if first == nil { first = range } else { others.append(range) }
            return true
        }
        guard isServable, asked > 0 else { return .whole }
        guard let first else { return .unsatisfiable }
        return others.isEmpty ? .single(first) : .several([first] + others)
    }

    /// Resolves the field's value given as text; nil means there is no such field.
    public static func resolve(_ value: String?, length: Int) -> ByteRangeRequest {
        guard var value else { return .whole }
        return value.withUTF8 { resolve(UnsafeRawBufferPointer($0), length: length) }
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

/// A `Content-Range` field (RFC 9110 §14.4), of bytes.
public enum ContentRange: Sendable, Equatable {
    /// A part; `completeLength` is nil when the sender does not know it (`*`).
    case part(ByteRange, completeLength: Int?)
    /// No part of an object of that length could be served.
    case unsatisfied(completeLength: Int)

    /// Reads the field's value; nil if it is malformed, inconsistent or of another unit.
    public init?(_ value: UnsafeRawBufferPointer) {
        let unit = 6
        guard value.count > unit, ASCII.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: value[..<unit]), "bytes "),
            let slash = ByteSearch.firstIndex(of: UInt8(ascii: "/"), in: value, from: unit)
        else { return nil }
        let range = value[unit..<slash]
        let lengthText = value[(slash + 1)...]
        let length = ASCII.parseDecimal(lengthText).flatMap(Int.init(exactly:))
        guard length != nil || lengthText.elementsEqual([UInt8(ascii: "*")]) else { return nil }
        if range.elementsEqual([UInt8(ascii: "*")]) {
            guard let length else { return nil }
            self = .unsatisfied(completeLength: length)
            return
        }
        guard let dash = range.firstIndex(of: UInt8(ascii: "-")),
            let first = ASCII.parseDecimal(range[..<dash]).flatMap(Int.init(exactly:)),
            let last = ASCII.parseDecimal(range[(dash + 1)...]).flatMap(Int.init(exactly:)),
            first <= last, last < length ?? .max
        else { return nil }
        self = .part(ByteRange(start: first, count: last - first + 1), completeLength: length)
    }

    /// Reads the field's value given as text.
    public init?(_ value: String) {
        var value = value
        guard let range = value.withUTF8({ ContentRange(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = range
    }

    /// The field's value.
    public var fieldValue: String {
        switch self {
        case .part(let range, let length):
            "bytes \(range.start)-\(range.end - 1)/" + (length.map { String($0) } ?? "*")
        case .unsatisfied(let length): "bytes */\(length)"
        }
    }
}
