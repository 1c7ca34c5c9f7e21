import CacheRules
import SegmentStore

/// What a look-up must know of a stored response at once.
extension ObjectFlags {
    /// It may answer a request with `Authorization`.
    static let allowsAuthorized = ObjectFlags(rawValue: 1 << 0)
    /// Its bytes do not change while it is fresh.
    static let isImmutable = ObjectFlags(rawValue: 1 << 1)
    /// No client may have it stale, whatever it says.
    static let mustRevalidate = ObjectFlags(rawValue: 1 << 2)

    /// No response: its head names the request fields by which the responses of this key vary.
    static let varies = ObjectFlags(rawValue: 1 << 3)

    /// Codings of it may be stored beside it (`CodedKey`).
    static let compressible = ObjectFlags(rawValue: 1 << 4)

    init(_ freshness: Freshness) {
        self = []
        if freshness.allowsAuthorized { insert(.allowsAuthorized) }
        if freshness.isImmutable { insert(.isImmutable) }
        if freshness.mustRevalidate { insert(.mustRevalidate) }
    }
}
