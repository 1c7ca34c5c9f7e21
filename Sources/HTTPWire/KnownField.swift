internal import Bytes

/// Names of request fields that somebody asks for, recognised once when the head is parsed: afterwards each question is a test
/// of one bit instead of a comparison with every name, and most answers are no.
public enum KnownField: UInt8, Sendable {
    /// `Accept-Encoding`.
    case acceptEncoding
    /// `Access-Control-Request-Headers`.
    case accessControlRequestHeaders
    /// `Access-Control-Request-Method`.
    case accessControlRequestMethod
    /// `Authorization`.
    case authorization
    /// `CDN-Loop`.
    case cdnLoop
    /// `CMCD-Object`.
    case cmcdObject
    /// `CMCD-Request`.
    case cmcdRequest
    /// `CMCD-Session`.
    case cmcdSession
    /// `CMCD-Status`.
    case cmcdStatus
    /// `Connection`.
    case connection
    /// `Content-Length`.
    case contentLength
    /// `Cookie`.
    case cookie
    /// `Expect`.
    case expect
    /// `Host`.
    case host
    /// `If-Match`.
    case ifMatch
    /// `If-Modified-Since`.
    case ifModifiedSince
    /// `If-None-Match`.
    case ifNoneMatch
    /// `If-Range`.
    case ifRange
    /// `If-Unmodified-Since`.
    case ifUnmodifiedSince
    /// `Max-Forwards`.
    case maxForwards
    /// `Origin`.
    case origin
    /// `Range`.
    case range
    /// `Referer`.
    case referrer
    /// `TE`.
    case te
    /// `traceparent`.
    case traceparent
    /// `Transfer-Encoding`.
    case transferEncoding
    /// `User-Agent`.
    case userAgent
    /// `X-Forwarded-For`.
    case forwardedFor
    /// `X-Request-Id`.
    case requestID

    /// The field of that name, any case.
    init?(_ name: UnsafeRawBufferPointer) {
        func match(_ literal: StaticString, _ field: KnownField) -> KnownField? {
            ASCII.equalsIgnoringCase(name, literal) ? field : nil
        }
        let field: KnownField? =
            switch name.count {
            case 2: match("te", .te)
            case 4: match("host", .host)
            case 5: match("range", .range)
            case 6: match("cookie", .cookie) ?? match("origin", .origin) ?? match("expect", .expect)
            case 7: match("referer", .referrer)
            case 8: match("if-range", .ifRange) ?? match("if-match", .ifMatch) ?? match("cdn-loop", .cdnLoop)
            case 10: match("user-agent", .userAgent) ?? match("connection", .connection)
            case 11:
                match("cmcd-object", .cmcdObject) ?? match("cmcd-status", .cmcdStatus)
                    ?? match("traceparent", .traceparent)
            case 12:
                match("x-request-id", .requestID) ?? match("max-forwards", .maxForwards)
                    ?? match("cmcd-request", .cmcdRequest) ?? match("cmcd-session", .cmcdSession)
            case 13: match("if-none-match", .ifNoneMatch) ?? match("authorization", .authorization)
            case 14: match("content-length", .contentLength)
            case 15: match("accept-encoding", .acceptEncoding) ?? match("x-forwarded-for", .forwardedFor)
            case 17: match("if-modified-since", .ifModifiedSince) ?? match("transfer-encoding", .transferEncoding)
            case 19: match("if-unmodified-since", .ifUnmodifiedSince)
            case 29: match("access-control-request-method", .accessControlRequestMethod)
            case 30: match("access-control-request-headers", .accessControlRequestHeaders)
            default: nil
            }
        guard let field else { return nil }
        self = field
    }
}
