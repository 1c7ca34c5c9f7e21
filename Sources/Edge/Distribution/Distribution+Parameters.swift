import Configuration
import JSON

extension Distribution {
    /// Every key of a distribution document, with CloudFront's names where the concept is CloudFront's.
    static let parameters: [Parameter] = [
        .optional("$schema", .text, "where the JSON Schema of this document stands; for editors"),
        .required("Id", .text, "the distribution's id"),
        .optional("Comment", .text, default: "", "for people"),
        .optional(
            "Aliases", .texts, default: [],
            "hosts it answers for where an edge has several distributions: exact names, or *.example.com"),
        .optional("DefaultRootObject", .text, "what is served for `/`, such as index.html; of the root only"),
        .section(
            "CacheTagConfig", "where responses of origins say the tags by which they can be purged",
            [
                .optional(
                    "HeaderName", .text, default: "Cache-Tag",
                    "response header with tags between commas, which clients do not see; Surrogate-Key and what an object "
                        + "store keeps as x-amz-meta-cache-tag count beside it")
            ]),
        .required("Origins", .list(originParameters), "where content comes from; behaviors name them by Id"),
        .optional(
            "OriginGroups", .list(originGroupParameters), default: [],
            "origins that stand in for each other; behaviors name a group like an origin"),
        .optional("CachePolicies", .list(cachePolicyParameters), default: [], "how long and by what key to cache"),
        .optional(
            "OriginRequestPolicies", .list(originRequestPolicyParameters), default: [],
            "what of a request its origin sees beyond the cache key"),
        .optional(
            "ResponseHeadersPolicies", .list(ResponseHeadersReading.parameters), default: [],
            "headers the edge adds to responses, or takes away"),
        .optional("CacheBehaviors", .list([pathPattern] + behaviorParameters), default: [], "the first match wins"),
        GeoRestriction.distributionParameters,
        .required("DefaultCacheBehavior", .section(behaviorParameters), "for paths no other behavior matches"),
        .optional(
            "CustomErrorResponses",
            .list(errorResponseParameters), default: [], "for how long errors are kept, and what clients see of them"),
    ]

    private static let originParameters: [Parameter] = [
        .required("Id", .text, "name by which behaviors and the process configuration refer to this origin"),
        .optional("DomainName", .text, default: "", "host or host:port; the process configuration may override it"),
        .optional(
            "OriginPath", .text, default: "", "prefix of every request path to this origin, without a last slash"),
        .optional(
            "OriginProtocolPolicy", .choice(["http-only", "https-only"]), default: "http-only",
            "how the edge speaks to this origin"),
        .optional("ConnectionTimeout", .integer(1...10, unit: "seconds"), default: 5, "time to connect"),
        .optional("ConnectionAttempts", .integer(1...3, unit: "attempts"), default: 2, "connects before giving up"),
        .optional(
            "OriginReadTimeout", .integer(1...120, unit: "seconds"), default: 30,
            "time to the response head, and between two reads of its body"),
        .section(
            "OriginAccessControl", "how the edge proves to the origin who it is",
            [
                .optional(
                    "SigningBehavior", .choice(["always", "never"]), default: "never", "whether requests are signed"),
                .optional("SigningProtocol", .choice(["sigv4"]), default: "sigv4", "the only protocol"),
            ]),
    ]

    private static let originGroupParameters: [Parameter] = [
        .required("Id", .text, "name by which behaviors refer to this group; no origin may have it"),
        .section(
            "FailoverCriteria", "when the next origin is asked; no answer at all is always a reason",
            [
                .optional(
                    "StatusCodes", .integers(400...599, unit: "status"), default: [],
                    "statuses for which the next origin is asked; only for GET, HEAD and OPTIONS")
            ]),
        .required(
            "Members", .list([.required("OriginId", .text, "an origin of this document")]),
            "2…4 origins in the order they are asked"),
    ]

    private static let seconds = 0...31_536_000

    private static let cachePolicyParameters: [Parameter] = [
        .required("Id", .text, "name by which behaviors refer to this policy"),
        .optional("Comment", .text, default: "", "for people"),
        .optional("MinTTL", .integer(seconds, unit: "seconds"), default: 0, "least time a storable response is fresh"),
        .optional(
            "DefaultTTL", .integer(seconds, unit: "seconds"), default: 86_400, "fresh time when the origin says none"),
        .optional("MaxTTL", .integer(seconds, unit: "seconds"), default: 31_536_000, "most time a response is fresh"),
        .optional(
            "HeuristicFreshness", .boolean, default: false,
            "whether a tenth of the time since Last-Modified takes the place of DefaultTTL"),
        .optional(
            "SetCookieBehavior", .choice(["notStored", "removed", "replayed"]), default: "notStored",
            "what becomes of a response that sets a cookie"),
        .optional(
            "HonorRequestCacheControl", .boolean, default: false, "whether clients' Cache-Control and Pragma are obeyed"
        ),
        .section(
            "ParametersInCacheKeyAndForwardedToOrigin", "what besides the path makes a different object", keyParameters),
    ]

    private static let pathPattern = Parameter.required(
        "PathPattern", .text, "`*` any run of characters, `?` one, case-sensitive, at most 255 characters")

    private static let behaviorParameters: [Parameter] = [
        .required("TargetOriginId", .text, "the origin or origin group"),
        .optional(
            "ViewerProtocolPolicy", .choice(["allow-all", "redirect-to-https", "https-only"]), default: "allow-all",
            "which schemes viewers may use"),
        .optional(
            "AllowedMethods", .texts, default: ["GET", "HEAD", "OPTIONS"], "others are answered 405 by the edge"),
        .optional(
            "CachedMethods", .texts, default: ["GET", "HEAD"],
            "GET and HEAD, or with OPTIONS, whose responses are stored apart from those of GET"),
        .optional(
            "CachePolicyId", .text, default: .string(CachePolicy.disabledId),
            "a policy of this document, or CachingDisabled to pass everything through"),
        .optional(
            "Compress", .boolean, default: false, "whether text is compressed with the codings of the cache policy"),
        .optional("ResponseHeadersPolicyId", .text, "a policy of this document"),
        .optional(
            "OriginRequestPolicyId", .text,
            "a policy of this document; without one the origin sees the cache key, or all where nothing is cached"),
        .section(
            "Prefetch", "whether what a player asks for next is fetched ahead, by the media playlists it plays",
            [
                .optional("Enabled", .boolean, default: false, "needs a cache policy"),
                .optional(
                    "Segments", .integer(1...10, unit: "segments"), default: 1,
                    "fetched ahead of the one that is served"),
            ]),
        GeoRestriction.parameters("by country, instead of the distribution's"),
        BehaviorLimits.parameters,
        .section(
            "TrustedKeyGroups", "whose signatures open these paths",
            [
                .optional("Enabled", .boolean, default: false, "whether a signature is needed"),
                .optional("Items", .texts, default: [], "ids of key groups in the process configuration, at most 4"),
            ]),
    ]
}
