/// What a peer did that this implementation does not let pass; none of it is ever forwarded.
public enum HTTPViolation: Error, Sendable, Hashable {
    /// The request or status line does not follow the grammar.
    case malformedStartLine
    /// The method is no token, or absurdly long.
    case malformedMethod
    /// The target has a byte that no URL has, or a form that does not fit the method.
    case malformedTarget
    /// A version other than 1.0 and 1.1.
    case unsupportedVersion
    /// `CONNECT`, or a transfer coding other than chunked.
    case notImplemented
    /// A line ends in LF without CR, or has a CR elsewhere.
    case bareLineBreak
    /// A field line without a colon, with a name that is no token, or with a space before its colon.
    case malformedFieldName
    /// A control character in a field value.
    case malformedFieldValue
    /// A field continued on the next line (obs-fold, RFC 9112 §5.2).
    case foldedField
    /// `Host` is missing, doubled or no host.
    case malformedHost
    /// Doubled or otherwise doubtful `Content-Length`.
    case malformedContentLength
    /// Doubled or otherwise doubtful `Transfer-Encoding`.
    case malformedTransferEncoding
    /// Both `Content-Length` and `Transfer-Encoding`.
    case conflictingFraming
    /// `Expect` with anything but `100-continue`.
    case unknownExpectation
    /// The target is longer than the limit.
    case targetTooLong
    /// The head is longer than the limit.
    case headTooLarge
    /// More fields than the limit.
    case tooManyFields
    /// A chunk's size line, end or trailer does not follow the grammar (RFC 9112 §7.1).
    case malformedChunk
    /// The path could be read in two ways: dot segments, encoded separators, overlong UTF-8 and the like.
    case ambiguousPath

    /// The status a server answers with before it closes the connection.
    public var status: HTTPStatus {
        switch self {
        case .unsupportedVersion: .versionNotSupported
        case .notImplemented: .notImplemented
        case .unknownExpectation: .expectationFailed
        case .targetTooLong: .uriTooLong
        case .headTooLarge, .tooManyFields: .requestHeaderFieldsTooLarge
        default: .badRequest
        }
    }
}

extension HTTPViolation: CustomStringConvertible {
    /// A phrase for logs and for the body of the answer.
    public var description: String {
        switch self {
        case .malformedStartLine: "malformed start line"
        case .malformedMethod: "malformed method"
        case .malformedTarget: "malformed request target"
        case .unsupportedVersion: "unsupported HTTP version"
        case .notImplemented: "method or transfer coding not implemented"
        case .bareLineBreak: "line break other than CR LF"
        case .malformedFieldName: "malformed header field name"
        case .malformedFieldValue: "control character in a header field"
        case .foldedField: "folded header field"
        case .malformedHost: "missing, repeated or malformed Host"
        case .malformedContentLength: "malformed or repeated Content-Length"
        case .malformedTransferEncoding: "malformed or repeated Transfer-Encoding"
        case .conflictingFraming: "both Content-Length and Transfer-Encoding"
        case .unknownExpectation: "unknown expectation"
        case .targetTooLong: "request target too long"
        case .headTooLarge: "header section too large"
        case .tooManyFields: "too many header fields"
        case .malformedChunk: "malformed chunked body"
        case .ambiguousPath: "path with more than one reading"
        }
    }
}
