public import Bytes
internal import HTTPWire

/// The secondary key of a response that depends on request fields (RFC 9111 §4.1).
///
///     K NUL "v" (NUL name ":" value)…
///
/// `K` is the primary key, which holds no NUL; the names are those of `Vary` in ascending order, each value is normalised
/// (`VariantValue`), and a field that the request does not have is left out. So one key says both which response this is
/// and which fields a request for it carries, and whoever fills it needs nothing of the client.
public enum VariantKey {
    /// Longest value that makes a variant of its own; what is longer is not worth storing.
    public static let maximumValueBytes = 256

    /// Appends the aspect to a buffer that holds the primary key.
    ///
    /// Allocates nothing once the buffer is large enough.
    ///
    /// - Parameters:
    ///   - names: lower-case names in ascending order, each behind a comma but the first.
    ///   - forEachValue: calls its second argument with the value of every line of that name.
    /// - Returns: false if a value is too long, so that the request has no variant of its own.
    public static func append(
        names: UnsafeRawBufferPointer, to key: inout GrowableBuffer,
        forEachValue: (UnsafeRawBufferPointer, (UnsafeRawBufferPointer) -> Void) -> Void
    ) -> Bool {
        key.append(0)
        key.append(marker)
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

    /// The primary key: everything up to the first NUL.
    public static func primary(of key: [UInt8]) -> ArraySlice<UInt8> { key.prefix { $0 != 0 } }

    /// The request fields that a variant's key stands for; none if it is no variant's.
    public static func fields(of key: [UInt8]) -> [(name: String, value: String)] {
        var parts = key.split(separator: 0, omittingEmptySubsequences: false).dropFirst()
        guard parts.popFirst()?.elementsEqual([marker]) == true else { return [] }
        return parts.compactMap { part in
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return (
                String(decoding: part[..<colon], as: UTF8.self),
                String(decoding: part[part.index(after: colon)...], as: UTF8.self)
            )
        }
    }

    /// Whether the key is a variant's.
    public static func isVariant(_ key: [UInt8]) -> Bool {
        guard let end = key.firstIndex(of: 0) else { return false }
        return key[end...].dropFirst().first == marker
    }

    private static let marker = UInt8(ascii: "v")
}
