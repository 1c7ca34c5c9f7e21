/// Why a signed request was refused, with the code, the status and the sentence that S3's clients know.
public enum SigV4Error: Error, Equatable, CustomStringConvertible {
    /// The request carries no signature at all.
    case missing
    /// Both an `Authorization` field and query parameters claim to sign the request.
    case ambiguous
    /// A scheme other than AWS4-HMAC-SHA256, for instance the old Signature Version 2.
    case unsupportedAlgorithm
    /// The `Authorization` field cannot be read.
    case malformedHeader(String)
    /// The `X-Amz-` parameters cannot be read.
    case malformedQuery(String)
    /// A header field that the signature needs is absent.
    case missingHeader(String)
    /// The signature is for another day, region or service.
    case wrongScope(part: String, given: String, expected: String)
    /// The client's clock is more than 15 minutes off.
    case requestTimeTooSkewed
    /// A presigned URL is past its end.
    case expired
    /// Nobody has this access key.
    case unknownAccessKey
    /// An `x-amz-` field or `host` arrived that the signature does not cover.
    case unsignedHeader(String)
    /// The signature is not the one this request must have.
    case signatureMismatch

    /// The error code in S3's vocabulary.
    public var code: String {
        switch self {
        case .missing, .expired, .unsignedHeader: "AccessDenied"
        case .ambiguous, .unsupportedAlgorithm: "InvalidRequest"
        case .malformedHeader: "AuthorizationHeaderMalformed"
        case .wrongScope: "AuthorizationHeaderMalformed"
        case .malformedQuery: "AuthorizationQueryParametersError"
        case .missingHeader: "MissingSecurityHeader"
        case .requestTimeTooSkewed: "RequestTimeTooSkewed"
        case .unknownAccessKey: "InvalidAccessKeyId"
        case .signatureMismatch: "SignatureDoesNotMatch"
        }
    }

    /// The HTTP status that goes with `code`.
    public var status: Int {
        switch self {
        case .ambiguous, .unsupportedAlgorithm, .malformedHeader, .malformedQuery, .missingHeader, .wrongScope: 400
        case .missing, .expired, .unsignedHeader, .requestTimeTooSkewed, .unknownAccessKey, .signatureMismatch: 403
        }
    }

    /// What was wrong and what to do, in one sentence.
    public var message: String {
        switch self {
        case .missing: "Access Denied: the request is not signed."
        case .ambiguous: "Only one auth mechanism allowed; sign in the Authorization header or in the query, not both."
        case .unsupportedAlgorithm:
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        case .malformedHeader(let reason): "The authorization header is malformed; \(reason)."
        case .malformedQuery(let reason): "Error parsing the X-Amz query parameters; \(reason)."
        case .missingHeader(let name): "Your request was missing a required header: \(name)."
        case .wrongScope(let part, let given, let expected):
            "The authorization header is malformed; the \(part) '\(given)' is wrong; expecting '\(expected)'"
        case .requestTimeTooSkewed: "The difference between the request time and the current time is too large."
        case .expired: "Request has expired"
        case .unknownAccessKey: "The AWS Access Key Id you provided does not exist in our records."
        case .unsignedHeader(let name): "There were headers present in the request which were not signed: \(name)."
        case .signatureMismatch:
            "The request signature we calculated does not match the signature you provided. Check your key and signing "
                + "method."
        }
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
