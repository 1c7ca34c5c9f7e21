/// How long a stored response may be used.
public struct Freshness: Sendable, Equatable {
    /// Which rule gave the lifetime; shown to an operator who asks why.
    public enum Source: String, Sendable {
        /// `Cache-Control: s-maxage`.
        case sharedMaxAge = "s-maxage"
        /// `Cache-Control: max-age`.
        case maxAge = "max-age"
        /// `Expires` less `Date`.
        case expires = "Expires"
        /// A tenth of the time since `Last-Modified`.
        case heuristic = "Last-Modified"
        /// The behavior's default.
        case policy = "default TTL"
        /// The least the operator wants errors of that status to last.
        case errorPolicy = "error caching TTL"
    }

    /// Seconds from now during which it may be served as it is; 0 if it must be validated at once.
    public var freshForSeconds: Int
    /// Seconds after that during which it may be served when the origin fails.
    public var staleIfErrorSeconds: Int
    /// Seconds after freshness during which it may be served while it is being validated.
    public var staleWhileRevalidateSeconds: Int
    /// Whether it may never be served stale but by its own stale windows, whatever a client or the cache's own settings
    /// say.
    public var mustRevalidate: Bool
    /// Whether it may answer a request with `Authorization` (RFC 9111 §3.5).
    public var allowsAuthorized: Bool
    /// Whether its bytes do not change while it is fresh.
    public var isImmutable: Bool
    /// Whether its bytes must be sent as they came.
    public var noTransform: Bool
    /// Seconds the response had already spent in caches: what `Age` counts from.
    public var initialAgeSeconds: Int
    /// Which rule gave the lifetime.
    public var source: Source
    /// The name of the field whose directives were obeyed.
    public var field: String
    /// Lower-case names of the request fields the response depends on (`Vary`), `accept-encoding` included.
    public var variesBy: [String]
    /// Lower-case names of fields that are to be taken out before it is stored.
    public var withheldFields: [String]

    /// Takes the fields as they are.
    public init(
        freshForSeconds: Int, staleIfErrorSeconds: Int = 0, staleWhileRevalidateSeconds: Int = 0,
        mustRevalidate: Bool = false, allowsAuthorized: Bool = false, isImmutable: Bool = false,
        noTransform: Bool = false, initialAgeSeconds: Int = 0, source: Source = .policy,
        field: String = "Cache-Control", variesBy: [String] = [], withheldFields: [String] = []
    ) {
        self.freshForSeconds = freshForSeconds
        self.staleIfErrorSeconds = staleIfErrorSeconds
        self.staleWhileRevalidateSeconds = staleWhileRevalidateSeconds
        self.mustRevalidate = mustRevalidate
        self.allowsAuthorized = allowsAuthorized
        self.isImmutable = isImmutable
        self.noTransform = noTransform
        self.initialAgeSeconds = initialAgeSeconds
        self.source = source
        self.field = field
        self.variesBy = variesBy
        self.withheldFields = withheldFields
    }
}

/// Why a response is not stored.
public enum StorageRefusal: String, Sendable {
    /// Only GET is stored.
    case method = "the method is not GET"
    /// Interim, partial or otherwise not a status that is stored.
    case status = "the status is not stored"
    /// The status is stored only with a lifetime, and neither origin nor operator gives one.
    case noLifetime = "the status needs a lifetime from the origin"
    /// The request says `no-store`.
    case requestNoStore = "the request says no-store"
    /// The response says `no-store`.
    case noStore = "the response says no-store"
    /// The response says `private`.
    case isPrivate = "the response says private"
    /// The response sets a cookie, so it is one person's.
    case setsCookie = "the response sets a cookie"
    /// `Vary: *`.
    case variesByAnything = "the response varies by *"
    /// The request was authorised and the response does not allow sharing (RFC 9111 §3.5).
    case authorization = "the request has Authorization and the response does not allow sharing"
    /// It is stale already and has nothing to validate it with.
    case stale = "the response is stale and has no validator"
}

/// Whether a response may be stored, and for how long.
public enum Storability: Sendable, Equatable {
    /// It may.
    case storable(Freshness)
    /// It may not.
    case notStorable(StorageRefusal)
}
