public import Bytes
public import HTTPWire

/// The secondary key of a response that depends on request fields (RFC 9111 §4.1), or that answers another method than GET.
///
///     K [NUL "o"] [NUL "k" (NUL name ":" value)…] [NUL "v" (NUL name ":" value)…]
///
/// `K` is the primary key, which holds no NUL. With `o` it answers OPTIONS. Behind `k` stand the fields that an operator wants in every key, behind `v`
/// those of `Vary`: names in ascending order, each value normalised (`VariantValue`), and a field that the request does not
/// have is left out. So one key says both which response this is and which fields a request for it carries, and whoever
/// fills it needs nothing of the client.
public enum VariantKey {
    /// Longest value that makes a variant of its own; what is longer is not worth storing.
    public static let maximumValueBytes = 256

    /// What, or who, makes a difference.
    public enum Aspect: UInt8, Sendable {
        /// The method OPTIONS in place of GET and HEAD.
        case options = 0x6f
        /// The operator, of every response of a kind.
        case policy = 0x6b
        /// The response itself.
        case vary = 0x76
    }

    /// Appends the aspect to a buffer that holds the primary key.
    ///
    /// Allocates nothing once the buffer is large enough.
    ///
    /// - Parameters:
    ///   - names: lower-case names in ascending order, each behind a comma but the first.
    ///   - aspect: who says so, `policy` or `vary`; an operator's come first.
    ///   - forEachValue: calls its second argument with the value of every line of that name.
    /// - Returns: false if a value is too long, so that the request has no variant of its own.
    public static func append(
        names: UnsafeRawBufferPointer, as aspect: Aspect = .vary, to key: inout GrowableBuffer,
        forEachValue: (UnsafeRawBufferPointer, (UnsafeRawBufferPointer) -> Void) -> Void
    ) -> Bool {
        key.append(0)
        key.append(aspect.rawValue)
        var isShort = true
        HTTPToken.forEachElement(of: names) { name in
            let start = key.count
            key.append(0)
            key.append(name)
            key.append(UInt8(ascii: ":"))
            let valueStart = key.count
            var value = VariantValue(name: name)
            forEachValue(name) { value.add($0, to: &key) }
            value.finish(in: &key)
            if !value.isPresent { key.truncate(to: start) }
            isShort = isShort && key.count - valueStart <= maximumValueBytes
            return isShort
        }
        return isShort
    }

    /// Appends to a buffer that holds the primary key that the request is OPTIONS.
    public static func appendOptions(to key: inout GrowableBuffer) {
        key.append(0)
        key.append(Aspect.options.rawValue)
    }

    /// The method by which the response of a key is asked for.
    public static func method(of key: [UInt8]) -> HTTPMethod {
        let aspect = key.drop { $0 != 0 }.dropFirst().prefix { $0 != 0 }
        return aspect.elementsEqual(CollectionOfOne(Aspect.options.rawValue)) ? .options : .get
    }

    /// The primary key: everything up to the first NUL.
    public static func primary(of key: [UInt8]) -> ArraySlice<UInt8> { key.prefix { $0 != 0 } }

    /// What all variants of a response have in common: the primary key and the operator's fields.
    public static func base(of key: [UInt8]) -> ArraySlice<UInt8> {
        key.withUnsafeBytes { key[..<baseCount(of: $0)] }
    }

    /// The length of `base`.
    public static func baseCount(of key: UnsafeRawBufferPointer) -> Int {
        var start = ByteSearch.firstIndex(of: 0, in: key)
        while let mark = start {
            let next = ByteSearch.firstIndex(of: 0, in: key, from: mark + 1)
            if (next ?? key.count) == mark + 2, key[mark + 1] == Aspect.vary.rawValue { return mark }
            start = next
        }
        return key.count
    }

    /// The request fields that a key stands for; none if it is of its path and query alone.
    public static func fields(of key: [UInt8]) -> [(name: String, value: String)] {
        let parts = key.split(separator: 0, omittingEmptySubsequences: false).dropFirst()
        guard let first = parts.first, first.count == 1, Aspect(rawValue: first[first.startIndex]) != nil else {
            return []
        }
        return parts.compactMap { part in
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return (
                String(decoding: part[..<colon], as: UTF8.self),
                String(decoding: part[part.index(after: colon)...], as: UTF8.self)
            )
        }
    }

    /// Whether the key is one of several variants'.
    public static func isVariant(_ key: [UInt8]) -> Bool {
        key.withUnsafeBytes { baseCount(of: $0) } < key.count
    }
}
