internal import Bytes
public import HTTPWire

/// The directives of `Cache-Control` (RFC 9111 §5.2, RFC 5861, RFC 8246) that a shared cache acts on.
///
/// Several fields count as one list. Names compare without regard to case, arguments may be quoted. A number beyond
/// 2³¹ counts as 2³¹ (RFC 9111 §1.2.2); a lifetime that is no number counts as 0, so doubt means stale; of repeated
/// lifetimes the shortest counts.
public struct CacheControl: Sendable, Equatable {
    /// Nothing may be stored.
    public var noStore = false
    /// What is stored must be validated before every use; a qualified `no-cache="field"` counts as the whole.
    public var noCache = false
    /// Only the user's own cache may store it; a qualified `private="field"` counts as the whole.
    public var isPrivate = false
    /// Shared caches may store it even where they otherwise must not.
    public var isPublic = false
    /// It must never be served stale.
    public var mustRevalidate = false
    /// A shared cache must never serve it stale.
    public var proxyRevalidate = false
    /// Its bytes never change while it is fresh.
    public var isImmutable = false
    /// Lifetime in seconds.
    public var maxAge: Int?
    /// Lifetime in seconds in shared caches.
    public var sharedMaxAge: Int?
    /// Seconds past freshness during which it may be served while it is being validated.
    public var staleWhileRevalidate: Int?
    /// Seconds past freshness during which it may be served instead of an error.
    public var staleIfError: Int?

    /// No directive.
    public init() {}

    /// The directives of one field value.
    public init(_ value: String) {
        self.init()
        add(value)
    }

    /// The directives of all `Cache-Control` fields.
    public init(_ headers: Headers) {
        self.init()
        for value in headers.values("Cache-Control") { add(value) }
    }

    /// Adds the directives of one more field.
    public mutating func add(_ value: String) {
        var value = value
        value.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds the directives of one more field.
    public mutating func add(_ value: UnsafeRawBufferPointer) {
        HTTPToken.forEachElement(of: value) { directive in
            let mark = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: directive)
            let name = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: directive[..<(mark ?? directive.count)]))
            let argument = mark.map { ASCII.trimmed(UnsafeRawBufferPointer(rebasing: directive[($0 + 1)...])) }
            apply(name, argument)
            return true
        }
    }

    /// Most seconds any directive stands for: 2³¹, 68 years.
    public static let maximumSeconds = 1 << 31

    private mutating func apply(_ name: UnsafeRawBufferPointer, _ argument: UnsafeRawBufferPointer?) {
        switch ASCII.lowercased(String(decoding: name, as: UTF8.self)) {
        case "no-store": noStore = true
        case "no-cache": noCache = true
        case "private": isPrivate = true
        case "public": isPublic = true
        case "must-revalidate": mustRevalidate = true
        case "proxy-revalidate": proxyRevalidate = true
        case "immutable": isImmutable = true
        case "max-age": maxAge = CacheControl.shorter(maxAge, argument)
        case "s-maxage": sharedMaxAge = CacheControl.shorter(sharedMaxAge, argument)
        case "stale-while-revalidate": staleWhileRevalidate = CacheControl.shorter(staleWhileRevalidate, argument)
        case "stale-if-error": staleIfError = CacheControl.shorter(staleIfError, argument)
        default: break
        }
    }

    private static func shorter(_ known: Int?, _ argument: UnsafeRawBufferPointer?) -> Int {
        min(known ?? maximumSeconds, argument.map(seconds) ?? 0)
    }

    private static func seconds(_ argument: UnsafeRawBufferPointer) -> Int {
        var digits = argument
        if digits.count >= 2, digits.first == UInt8(ascii: "\""), digits.last == UInt8(ascii: "\"") {
            digits = UnsafeRawBufferPointer(rebasing: digits[1..<digits.count - 1])
        }
        guard !digits.isEmpty, digits.allSatisfy(ASCII.isDigit) else { return 0 }
        return ASCII.parseDecimal(digits).map { Int(min($0, UInt64(maximumSeconds))) } ?? maximumSeconds
    }
}
