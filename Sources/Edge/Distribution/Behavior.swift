import CacheRules
import HTTPWire

/// How requests for one path pattern are answered.
///
/// A class, because a request holds on to its behavior while a reload may already have replaced the distribution.
final class Behavior: Sendable {
    /// For logs and explanations: the pattern, or `default`.
    let name: String
    let pattern: PathPattern?
    let originId: String
    let viewerProtocol: ViewerProtocolPolicy
    let allowedMethods: [HTTPMethod]
    /// Whether responses to OPTIONS are stored as well, under keys of their own.
    let cachesOptions: Bool
    /// `nil` passes everything through.
    let cachePolicy: CachePolicy?
    let responseHeaders: ResponseHeadersPolicy?
    /// What goes to the origin beyond the cache key; `nil` for nothing, and for everything where nothing is cached.
    let originRequest: OriginRequestPolicy?
    /// Empty when no signature is needed.
    let trustedKeyGroups: [String]
    /// How many segments are fetched ahead; `nil` for none.
    let prefetchedSegments: Int?
    /// The codings in which text is sent; none if the behavior does not compress.
    let codings: CachePolicy.Codings
    /// Whether the operator asks for compression, whatever the cache policy says.
    let wantsCompression: Bool
    /// Query parameters in the cache key, and in what goes to the origin.
    let keyQuery: NameSelection
    /// Other request fields in the cache key; `nil`, for none, costs a hit nothing.
    let keyFields: KeyFields?
    /// Which countries are served; `nil` serves all.
    let geoRestriction: GeoRestriction?
    /// What one client or one grant may take; `nil` without limits.
    let limits: BehaviorLimits?
    /// How long responses are fresh.
    let lifetimes: TTLPolicy

    /// Seconds for which "not found" and its kin are remembered when neither origin nor operator gives a lifetime: long
    /// enough to shield the origin, short enough for a video that is about to appear.
    static let negativeSeconds = 1

    enum ViewerProtocolPolicy: String, Sendable {
        case allowAll = "allow-all"
        case redirectToHTTPS = "redirect-to-https"
        case httpsOnly = "https-only"
    }

    init(
        pattern: PathPattern?, originId: String, viewerProtocol: ViewerProtocolPolicy, allowedMethods: [HTTPMethod],
        cachesOptions: Bool = false, cachePolicy: CachePolicy?, responseHeaders: ResponseHeadersPolicy?,
        trustedKeyGroups: [String],
        originRequest: OriginRequestPolicy? = nil, prefetchedSegments: Int? = nil, compresses: Bool = false,
        errorTTLs: [Int: Int] = [:], limits: BehaviorLimits? = nil, geoRestriction: GeoRestriction? = nil
    ) {
        self.name = pattern?.description ?? "default"
        self.pattern = pattern
        self.originId = originId
        self.viewerProtocol = viewerProtocol
        self.allowedMethods = allowedMethods
        self.cachesOptions = cachesOptions
        self.cachePolicy = cachePolicy
        self.responseHeaders = responseHeaders
        self.originRequest = originRequest
        self.trustedKeyGroups = trustedKeyGroups
        self.prefetchedSegments = prefetchedSegments
        wantsCompression = compresses
        self.limits = limits
        self.geoRestriction = geoRestriction
        codings = compresses ? cachePolicy?.codings ?? .init() : .init()
        keyQuery = cachePolicy?.query ?? .none
        keyFields = cachePolicy?.fields
        lifetimes = TTLPolicy(
            minimum: cachePolicy?.minTTL ?? 0, default: cachePolicy?.defaultTTL ?? 0,
            maximum: cachePolicy?.maxTTL ?? 0, negative: Self.negativeSeconds, errors: errorTTLs,
            usesHeuristic: cachePolicy?.usesHeuristic ?? false, setCookie: cachePolicy?.setCookie ?? .refused)
    }

    var needsSignature: Bool { !trustedKeyGroups.isEmpty }

    /// Whether responses to such requests may be stored.
    func caches(_ method: HTTPMethod) -> Bool {
        (method == .get || method == .head || cachesOptions && method == .options) && cachePolicy != nil
    }
}
