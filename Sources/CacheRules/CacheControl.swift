public import HTTPWire

/// The response directives of `Cache-Control` (RFC 9111 §5.2.2, RFC 5861, RFC 8246) that a shared cache acts on.
///
/// Several fields count as one list. Names compare without regard to case, arguments may be quoted. A number beyond
/// 2³¹ counts as 2³¹ (RFC 9111 §1.2.2); a lifetime that is no number counts as 0, so doubt means stale; of a directive
/// that is given twice the first counts (RFC 9111 §4.2.1).
public struct CacheControl: Sendable, Equatable {
    /// Nothing may be stored.
    public var noStore = false
    /// What is stored must be validated before every use.
    public var noCache = false
    /// `no-cache="…"`: lower-case names of fields that must not be used without validation.
    public var noCacheFields: [String] = []
    /// Only the user's own cache may store it.
    public var isPrivate = false
    /// `private="…"`: lower-case names of fields that a shared cache must not store.
    public var privateFields: [String] = []
    /// Shared caches may store it even where they otherwise must not.
    public var isPublic = false
    /// It must never be served stale.
    public var mustRevalidate = false
    /// A shared cache must never serve it stale.
    public var proxyRevalidate = false
    /// Only a cache that knows the status may store it; one that does passes over `no-store`.
    public var mustUnderstand = false
    /// Its bytes must not be altered, so not compressed either.
    public var noTransform = false
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
        CacheDirective.forEach(in: value) { apply($0) }
    }

    /// Most seconds any directive stands for: 2³¹, 68 years.
    public static let maximumSeconds = DeltaSeconds.maximum

    /// Lower-case names of fields that are taken out before the response is stored: those that must not be stored, and
    /// those that must not be used without validation.
    public var withheldFields: [String] { privateFields + noCacheFields }

    mutating func apply(_ directive: CacheDirective) {
        switch directive.name {
        case "no-store": noStore = true
        case "no-cache": Self.apply(directive, whole: &noCache, fields: &noCacheFields)
        case "private": Self.apply(directive, whole: &isPrivate, fields: &privateFields)
        case "public": isPublic = true
        case "must-revalidate": mustRevalidate = true
        case "proxy-revalidate": proxyRevalidate = true
        case "must-understand": mustUnderstand = true
        case "no-transform": noTransform = true
        case "immutable": isImmutable = true
        case "max-age": maxAge = maxAge ?? directive.seconds
        case "s-maxage": sharedMaxAge = sharedMaxAge ?? directive.seconds
        case "stale-while-revalidate": staleWhileRevalidate = staleWhileRevalidate ?? directive.seconds
        case "stale-if-error": staleIfError = staleIfError ?? directive.seconds
        default: break
        }
    }

    /// An argument that names no field leaves nothing to tell apart: then the whole response is meant.
    private static func apply(_ directive: CacheDirective, whole: inout Bool, fields: inout [String]) {
        let names = directive.fieldNames
        if names.isEmpty { whole = true } else { fields += names }
    }
}
