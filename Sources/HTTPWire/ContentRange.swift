internal import Bytes

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
