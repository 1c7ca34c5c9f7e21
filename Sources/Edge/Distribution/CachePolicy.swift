import CacheRules

/// How long, and by which parts of the request, responses of a behavior are stored.
struct CachePolicy: Sendable, Equatable {
    /// CloudFront's name for "pass everything through".
    static let disabledId = "CachingDisabled"

    let id: String
    /// Seconds; never makes a response storable that its origin forbids to store.
    let minTTL: Int
    /// Seconds, when the origin gives no lifetime.
    let defaultTTL: Int
    /// Seconds.
    let maxTTL: Int
    /// Which query parameters are in the cache key; the same ones are forwarded to the origin.
    let query: NameSelection
    /// Header fields and cookies in the cache key.
    var fields: KeyFields?
    /// Whether a tenth of the time since `Last-Modified` takes the place of `defaultTTL`.
    var usesHeuristic = false
    var setCookie = TTLPolicy.SetCookie.refused
    /// Whether clients' `Cache-Control` and `Pragma` are obeyed.
    var honoursRequests = false
    /// Codings in which responses may be sent; see `Behavior.compresses`.
    var codings = Codings()

    struct Codings: Sendable, Equatable {
        var gzip = false
        var brotli = false
    }
}
