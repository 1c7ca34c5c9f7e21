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
    /// `nil` passes everything through.
    let cachePolicy: CachePolicy?
    let responseHeaders: ResponseHeadersPolicy?
    /// Empty when no signature is needed.
    let trustedKeyGroups: [String]

    enum ViewerProtocolPolicy: String, Sendable {
        case allowAll = "allow-all"
        case redirectToHTTPS = "redirect-to-https"
        case httpsOnly = "https-only"
    }

    init(
        pattern: PathPattern?, originId: String, viewerProtocol: ViewerProtocolPolicy, allowedMethods: [HTTPMethod],
        cachePolicy: CachePolicy?, responseHeaders: ResponseHeadersPolicy?, trustedKeyGroups: [String]
    ) {
        self.name = pattern?.description ?? "default"
        self.pattern = pattern
        self.originId = originId
        self.viewerProtocol = viewerProtocol
        self.allowedMethods = allowedMethods
        self.cachePolicy = cachePolicy
        self.responseHeaders = responseHeaders
        self.trustedKeyGroups = trustedKeyGroups
    }

    var needsSignature: Bool { !trustedKeyGroups.isEmpty }
}
