internal import Bytes
public import HTTPWire

/// The request directives of `Cache-Control` (RFC 9111 §5.2.1), and `Pragma: no-cache` where there is no
/// `Cache-Control` (§5.4).
public struct RequestCacheControl: Sendable, Equatable {
    /// How stale a response the client takes.
    public enum MaxStale: Sendable, Equatable {
        /// `max-stale` without a number.
        case any
        /// At most so many seconds past freshness.
        case seconds(Int)
    }

    /// Only what the origin has just confirmed.
    public var noCache = false
    /// The answer must not be stored.
    public var noStore = false
    /// Only what is in the cache; 504 otherwise.
    public var onlyIfCached = false
    /// Nothing older than so many seconds.
    public var maxAge: Int?
    /// Only what stays fresh for so many seconds more.
    public var minFresh: Int?
    /// Stale responses are welcome.
    public var maxStale: MaxStale?

    /// No directive.
    public init() {}

    /// The directives of a request with these fields.
    public init(_ headers: Headers) {
        let values = headers.values("Cache-Control")
        for value in values { CacheDirective.forEach(in: value) { apply($0) } }
        guard values.isEmpty else { return }
        for value in headers.values("Pragma") {
            CacheDirective.forEach(in: value) { if $0.name == "no-cache" { noCache = true } }
        }
    }

    private mutating func apply(_ directive: CacheDirective) {
        switch directive.name {
        case "no-cache": noCache = true
        case "no-store": noStore = true
        case "only-if-cached": onlyIfCached = true
        case "max-age": maxAge = maxAge ?? directive.seconds
        case "min-fresh": minFresh = minFresh ?? (directive.seconds)
        case "max-stale":
            maxStale = maxStale ?? (directive.argument == nil ? .any : .seconds(directive.seconds))
        default: break
        }
    }

    /// Whether a stored response may answer the request without asking the origin (RFC 9111 §4.2.4, §5.2.1).
    ///
    /// - Parameters:
    ///   - ageSeconds: its current age.
    ///   - freshSecondsLeft: negative once it is stale.
    ///   - mayBeStale: false if the response forbids it (`must-revalidate` and its kin); then nothing the client says
    ///     makes a stale response acceptable.
    ///   - isImmutable: its bytes do not change while it is fresh, so a client that only asks for something younger
    ///     would get the same (RFC 8246).
    public func accepts(ageSeconds: Int, freshSecondsLeft: Int, mayBeStale: Bool, isImmutable: Bool) -> Bool {
        if noCache { return false }
        if let maxAge, ageSeconds > maxAge, !(isImmutable && freshSecondsLeft > 0) { return false }
        if freshSecondsLeft > 0 { return freshSecondsLeft >= minFresh ?? 0 }
        guard mayBeStale, minFresh == nil else { return false }
        return switch maxStale {
        case .any: true
        case .seconds(let seconds): -freshSecondsLeft <= seconds
        case nil: false
        }
    }
}
