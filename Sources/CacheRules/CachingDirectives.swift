public import HTTPWire

/// What a response says about its caching, once it is decided which of its fields speak to this cache (RFC 9213 §2.2).
///
/// The first targeted field that is valid and not empty takes the place of `Cache-Control` and `Expires` together.
public struct CachingDirectives: Sendable, Equatable {
    /// Fields aimed at this cache, the most specific first; not in the response to be read by anybody else's rules.
    public static let targetedFields = ["Weir-CDN-Cache-Control", "CDN-Cache-Control"]

    /// The directives in force.
    public let control: CacheControl
    /// The name of the field that gave them.
    public let field: String
    /// Epoch seconds of `Expires`: nil if it does not count or is not there; long past if it is unreadable.
    public let expires: Int64?
    /// Whether the response gives a lifetime at all, were it 0.
    public var isExplicit: Bool { control.sharedMaxAge != nil || control.maxAge != nil || expires != nil }

    /// Reads the fields of a response that arrived at `now` (epoch seconds).
    public init(_ headers: Headers, now: Int64) {
        for name in Self.targetedFields {
            guard let value = headers.joined(name), let members = StructuredDictionary(value), !members.isEmpty else {
                continue
            }
            control = CacheControl(members)
            field = name
            expires = nil
            return
        }
        control = CacheControl(headers)
        field = "Cache-Control"
        expires = headers.first("Expires").map { HTTPDate.parse($0, now: now) ?? .min }
    }
}

extension CacheControl {
    /// The directives of a targeted field. A value of another type than the directive's counts as one in doubt: a
    /// lifetime becomes 0, a prohibition holds, a permission is none.
    init(_ members: StructuredDictionary) {
        self.init()
        members.forEach { name, value in
            switch value {
            case .item(.boolean(true)): apply(CacheDirective(name: name, argument: nil))
            case .item(.boolean(false)): break
            case .item(.integer(let number)): apply(CacheDirective(name: name, argument: String(number)))
            case .item(.string(let text)): apply(CacheDirective(name: name, argument: text))
            case .item, .list: if name != "public" { apply(CacheDirective(name: name, argument: "")) }
            }
        }
    }
}
