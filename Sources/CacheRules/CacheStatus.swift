public import Bytes

/// One cache's member of `Cache-Status` (RFC 9211).
///
/// Plain values, so a hit writes it without allocating.
public struct CacheStatus: Sendable, Equatable {
    /// Why the request went on towards the origin.
    public enum Forward: Sendable, Equatable {
        /// The cache is told not to handle such requests.
        case bypass
        /// The method is not one the cache handles.
        case method
        /// Nothing is stored under the URI.
        case uriMiss
        /// Something is stored under the URI, but not for these request fields.
        case varyMiss
        /// Nothing fits, for a reason the cache does not tell apart.
        case miss
        /// What the request asks for forbids to answer from the cache.
        case request
        /// What is stored was stale.
        case stale
        /// Not all of the bytes asked for are stored.
        case partial

        var name: StaticString {
            switch self {
            case .bypass: "bypass"
            case .method: "method"
            case .uriMiss: "uri-miss"
            case .varyMiss: "vary-miss"
            case .miss: "miss"
            case .request: "request"
            case .stale: "stale"
            case .partial: "partial"
            }
        }
    }

    /// What was done: answered from the cache, sent on, or neither because the cache made the answer itself.
    public enum Outcome: Sendable, Equatable {
        /// Answered from the cache.
        case hit
        /// Sent on.
        case forwarded(Forward)
        /// Made here.
        case generated
    }

    /// Words of this implementation.
    public enum Detail: Sendable, Equatable {
        /// The cache made the answer itself.
        case generated
        /// Stale, because the origin failed or was slow.
        case staleIfError
        /// Stale, while it is being fetched anew.
        case staleWhileRevalidate
        /// The key has as many variants as it may have.
        case tooManyVariants

        var name: StaticString {
            switch self {
            case .generated: "generated"
            case .staleIfError: "stale-if-error"
            case .staleWhileRevalidate: "stale-while-revalidate"
            case .tooManyVariants: "too-many-variants"
            }
        }
    }

    /// What was done.
    public var outcome: Outcome
    /// The status with which the origin answered, if it differs from the response's.
    public var forwardStatus: Int?
    /// Seconds of freshness left, negative when stale.
    public var ttl: Int?
    /// Whether the response is being stored.
    public var isStored = false
    /// Whether the request waited for another one's.
    public var isCollapsed = false
    /// What the standard parameters leave open.
    public var detail: Detail?

    /// An outcome with nothing more to say.
    public init(_ outcome: Outcome, detail: Detail? = nil) {
        self.outcome = outcome
        self.detail = detail
    }

    /// Appends the member, with `name` (a token) for the cache.
    public func write(name: StaticString, to buffer: inout GrowableBuffer) {
        buffer.append(name)
        switch outcome {
        case .hit: buffer.append("; hit")
        case .forwarded(let reason):
            buffer.append("; fwd=")
            buffer.append(reason.name)
        case .generated: break
        }
        if let forwardStatus {
            buffer.append("; fwd-status=")
            buffer.append(decimal: forwardStatus)
        }
        if let ttl {
            buffer.append("; ttl=")
            buffer.append(decimal: ttl)
        }
        if isStored { buffer.append("; stored") }
        if isCollapsed { buffer.append("; collapsed") }
        if let detail {
            buffer.append("; detail=")
            buffer.append(detail.name)
        }
    }
}
