public import Bytes

/// The pairs of `Cookie` fields (RFC 6265 §5.4), in place.
public enum Cookies {
    /// Calls `body` with each pair of one `Cookie` value until it returns false; allocates nothing.
    ///
    /// Pairs without `=` or without a name are passed over; quotes around a value belong to it.
    ///
    /// The result says whether the end was reached, so that several fields can be walked as one.
    @inlinable
    @discardableResult
    public static func forEach(
        in value: UnsafeRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var start = 0
        while start < value.count {
            let end = ByteSearch.firstIndex(of: UInt8(ascii: ";"), in: value, from: start) ?? value.count
            let pair = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: value[start..<end]))
            start = end + 1
            guard let mark = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: pair), mark > 0 else { continue }
            let name = UnsafeRawBufferPointer(rebasing: pair[..<mark])
            if !body(name, UnsafeRawBufferPointer(rebasing: pair[(mark + 1)...])) { return false }
        }
        return true
    }

    /// The value of the first cookie of that name in one `Cookie` value.
    public static func first(_ name: String, in value: String) -> String? {
        var name = name
        var value = value
        var found: String?
        name.withUTF8 { name in
            _ = value.withUTF8 { value in
                forEach(in: UnsafeRawBufferPointer(value)) { candidate, content in
                    guard ByteSearch.equal(candidate, UnsafeRawBufferPointer(name)) else { return true }
                    found = String(decoding: content, as: UTF8.self)
                    return false
                }
            }
        }
        return found
    }

    /// The value of the first cookie of that name in all `Cookie` fields.
    public static func first(_ name: String, in headers: Headers) -> String? {
        for value in headers.values("Cookie") {
            if let found = first(name, in: value) { return found }
        }
        return nil
    }
}

extension RequestHeadParser {
    /// Calls `body` with each cookie of the request, over all `Cookie` fields, until it returns false; `bytes` are those
    /// of the completing call.
    @inlinable
    public func forEachCookie(
        in bytes: UnsafeRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        for field in fields where field.known == .cookie {
            if !Cookies.forEach(in: field.value.bytes(in: bytes), body) { return }
        }
    }
}

/// A cookie to be set (RFC 6265 §4.1).
public struct SetCookie: Sendable, Equatable {
    /// With which cross-site requests the cookie travels.
    public enum SameSite: String, Sendable {
        /// With none.
        case strict = "Strict"
        /// With top-level navigations.
        case lax = "Lax"
        /// With all; needs `isSecure`.
        case none = "None"
    }

    /// The name, a token.
    public var name: String
    /// The value; no control character, blank, quote, comma, semicolon or backslash.
    public var value: String
    /// Path the cookie travels to; the request's own if nil.
    public var path: String?
    /// Domain the cookie travels to; only the setting host if nil.
    public var domain: String?
    /// Lifetime in seconds; the browser's session if nil, 0 to delete.
    public var maxAge: Int?
    /// Whether it travels over TLS only.
    public var isSecure: Bool
    /// Whether scripts cannot read it.
    public var isHTTPOnly: Bool
    /// With which cross-site requests it travels; the browser's default if nil.
    public var sameSite: SameSite?

    /// Takes the attributes as they are.
    public init(
        name: String, value: String, path: String? = nil, domain: String? = nil, maxAge: Int? = nil,
        isSecure: Bool = false, isHTTPOnly: Bool = false, sameSite: SameSite? = nil
    ) {
        self.name = name
        self.value = value
        self.path = path
        self.domain = domain
        self.maxAge = maxAge
        self.isSecure = isSecure
        self.isHTTPOnly = isHTTPOnly
        self.sameSite = sameSite
    }

    /// The value of the `Set-Cookie` field, or nil if a part holds a byte that would end it early.
    public var fieldValue: String? {
        let attributes = [path, domain].compactMap { $0 }
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPToken.contains), value.utf8.allSatisfy(SetCookie.isValueByte),
            attributes.allSatisfy({ $0.utf8.allSatisfy { 0x20...0x7e ~= $0 && $0 != UInt8(ascii: ";") } })
        else { return nil }
        var text = "\(name)=\(value)"
        if let path { text += "; Path=\(path)" }
        if let domain { text += "; Domain=\(domain)" }
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        return text
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        0x21...0x7e ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: ",") && byte != UInt8(ascii: ";")
            && byte != UInt8(ascii: "\\")
    }
}
