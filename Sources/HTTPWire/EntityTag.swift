internal import Bytes

/// An entity tag (RFC 9110 §8.8.3).
public struct EntityTag: Sendable, Hashable {
    /// Whether the tag only promises equivalence, not equality of bytes.
    public var isWeak: Bool
    /// What stands between the quotes.
    public var opaque: String

    /// A tag from its parts; nil if `opaque` holds a quote, a blank or a control character.
    public init?(_ opaque: String, isWeak: Bool = false) {
        guard opaque.utf8.allSatisfy(EntityTag.isOpaque) else { return nil }
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// A tag as it stands in a field: `"abc"` or `W/"abc"`; nil for anything else.
    public init?(fieldValue bytes: UnsafeRawBufferPointer) {
        let weak = bytes.count >= 2 && bytes[0] == UInt8(ascii: "W") && bytes[1] == UInt8(ascii: "/")
        let quoted = bytes[(weak ? 2 : 0)...]
        guard quoted.count >= 2, quoted.first == UInt8(ascii: "\""), quoted.last == UInt8(ascii: "\"") else {
            return nil
        }
        let opaque = quoted.dropFirst().dropLast()
        guard opaque.allSatisfy(EntityTag.isOpaque) else { return nil }
        self.isWeak = weak
        self.opaque = String(decoding: opaque, as: UTF8.self)
    }

    /// A tag as it stands in a field.
    public init?(fieldValue: String) {
        var fieldValue = fieldValue
        guard let tag = fieldValue.withUTF8({ EntityTag(fieldValue: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = tag
    }

    /// The tag as it stands in a field.
    public var fieldValue: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }

    /// Equality for range requests and `If-Match`: neither tag is weak.
    public func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && matchesWeakly(other)
    }

    /// Equality for cache validation, `If-None-Match`.
    public func matchesWeakly(_ other: EntityTag) -> Bool {
        opaque.utf8.elementsEqual(other.opaque.utf8)
    }

    /// Whether the value of `If-None-Match` or `If-Match` names this tag: it is `*`, or a list with a match.
    ///
    /// Neither field's list is allocated. A malformed element matches nothing.
    public func isListed(in value: UnsafeRawBufferPointer, strongly: Bool) -> Bool {
        if ByteSearch.equal(value, "*") { return true }
        var isFound = false
        HTTPToken.forEachElement(of: value) { element in
            if let tag = EntityTag(fieldValue: element), strongly ? matchesStrongly(tag) : matchesWeakly(tag) {
                isFound = true
            }
            return !isFound
        }
        return isFound
    }

    /// Whether the value of `If-None-Match` or `If-Match`, given as text, names this tag.
    public func isListed(in value: String, strongly: Bool) -> Bool {
        var value = value
        return value.withUTF8 { isListed(in: UnsafeRawBufferPointer($0), strongly: strongly) }
    }

    /// Whether two tags as they stand in fields match; false if either is none. Allocates nothing.
    public static func match(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer, strongly: Bool) -> Bool {
        guard let one = quoted(one), let other = quoted(other) else { return false }
        return !(strongly && (one.isWeak || other.isWeak)) && ByteSearch.equal(one.bytes, other.bytes)
    }

    /// Whether `list`, the value of `If-None-Match` or `If-Match`, names `tag` as it stands in a field, or is `*`.
    public static func list(_ list: UnsafeRawBufferPointer, names tag: UnsafeRawBufferPointer, strongly: Bool) -> Bool {
        if ByteSearch.equal(list, "*") { return true }
        var isFound = false
        HTTPToken.forEachElement(of: list) { element in
            isFound = match(element, tag, strongly: strongly)
            return !isFound
        }
        return isFound
    }

    /// A tag's bytes with their quotes; nil for what is no tag.
    private static func quoted(_ value: UnsafeRawBufferPointer) -> (bytes: UnsafeRawBufferPointer, isWeak: Bool)? {
        let isWeak = value.count >= 2 && value[0] == UInt8(ascii: "W") && value[1] == UInt8(ascii: "/")
        let bytes = UnsafeRawBufferPointer(rebasing: value[(isWeak ? 2 : 0)...])
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\""),
            bytes.dropFirst().dropLast().allSatisfy(isOpaque)
        else { return nil }
        return (bytes, isWeak)
    }

    private static func isOpaque(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7f && byte != UInt8(ascii: "\"")
    }
}
