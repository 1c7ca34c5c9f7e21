import Configuration
import JSON

/// What of a request makes a different object, and what of it its origin sees.
extension Distribution {
    static let keyParameters: [Parameter] = [
        .optional(
            "EnableAcceptEncodingGzip", .boolean, default: false,
            "whether gzip is sent to who accepts it, where Compress is true"),
        .optional(
            "EnableAcceptEncodingBrotli", .boolean, default: false,
            "whether br is sent to who accepts it, where Compress is true"),
        .section(
            "QueryStringsConfig", "query parameters; those not in the key are not forwarded",
            queryParameters("CMCD never does unless whitelist names it")),
        .section(
            "HeadersConfig", "header fields; the origin gets those in the key and no others of the client's",
            [
                .optional(
                    "HeaderBehavior", .choice(["none", "whitelist"]), default: "none", "which header fields count"),
                .optional("Headers", .texts, default: [], "names for whitelist, at most 8"),
            ]),
        .section(
            "CookiesConfig", "cookies; those of signed access never count",
            cookieParameters("the origin gets those in the key and no others")),
    ]

    static let originRequestPolicyParameters: [Parameter] = [
        .required("Id", .text, "name by which behaviors refer to this policy"),
        .optional("Comment", .text, default: "", "for people"),
        .section(
            "QueryStringsConfig", "query parameters forwarded beside those of the cache key",
            queryParameters("forwarded of the request that fills the cache")),
        .section(
            "HeadersConfig", "header fields forwarded beside those of the cache key",
            [
                .optional(
                    "HeaderBehavior", .choice(["none", "whitelist", "allExcept", "allViewer"]), default: "none",
                    "which header fields are forwarded"),
                .optional("Headers", .texts, default: [], "names for whitelist and allExcept"),
            ]),
        .section(
            "CookiesConfig", "cookies forwarded beside those of the cache key",
            cookieParameters("never those of signed access")),
    ]

    static let errorResponseParameters: [Parameter] = [
        .required("ErrorCode", .integer(400...599, unit: "status"), "the origin's status"),
        .optional(
            "ErrorCachingMinTTL", .integer(0...31_536_000, unit: "seconds"), default: 10,
            "least time such an answer is fresh, even if the origin gives none"),
        .optional(
            "ResponsePagePath", .text,
            "path of this distribution whose object clients get instead, for GET and HEAD; its behavior must be public"),
        .optional(
            "ResponseCode", .integer(200...599, unit: "status"),
            "what clients are told with the page; the ErrorCode when not set"),
    ]

    private static func queryParameters(_ remark: String) -> [Parameter] {
        [
            .optional(
                "QueryStringBehavior", .choice(["none", "whitelist", "allExcept", "all"]), default: "none",
                "which query parameters count; \(remark)"),
            .optional("QueryStrings", .texts, default: [], "names for whitelist and allExcept"),
        ]
    }

    private static func cookieParameters(_ remark: String) -> [Parameter] {
        [
            .optional(
                "CookieBehavior", .choice(["none", "whitelist", "allExcept", "all"]), default: "none",
                "which cookies count; \(remark)"),
            .optional("Cookies", .texts, default: [], "names for whitelist and allExcept"),
        ]
    }
}
