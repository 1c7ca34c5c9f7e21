internal import AccessSigning
internal import HTTPWire

/// A refusal in CloudFront's vocabulary.
struct CloudFrontError: Error, Equatable {
    let code: String
    let status: HTTPStatus
    let message: String

    init(_ code: String, _ status: HTTPStatus, _ message: String) {
        self.code = code
        self.status = status
        self.message = message
    }

    /// A signature that proves nothing, in the words of AWS's other services.
    init(_ error: SigV4Error) {
        switch error {
        case .missing:
            self.init("MissingAuthenticationToken", .forbidden, "Missing Authentication Token")
        case .unknownAccessKey:
            self.init("InvalidClientTokenId", .forbidden, "The security token included in the request is invalid.")
        default:
            self.init("SignatureDoesNotMatch", .forbidden, error.message)
        }
    }

    static let accessDenied = CloudFrontError(
        "AccessDenied", .forbidden, "This access key may not manage invalidations; a key of role admin may.")
    static let missingBody = CloudFrontError("MissingBody", .badRequest, "The request has no body.")
    static let tooLarge = CloudFrontError(
        "BatchTooLarge", .contentTooLarge,
        "The batch holds more than \(InvalidationLimits.paths) paths; use fewer, or paths that end in *.")
    static let tooManyInProgress = CloudFrontError(
        "TooManyInvalidationsInProgress", .badRequest,
        "At most \(InvalidationLimits.paths) paths, \(InvalidationLimits.wildcards) of them ending in *, may be in "
            + "progress; wait until earlier invalidations are completed.")
    static let alreadyExists = CloudFrontError(
        "InvalidationBatchAlreadyExists", .badRequest,
        "This CallerReference was used for other paths; choose another one.")
    static let unavailable = CloudFrontError(
        "ServiceUnavailable", .serviceUnavailable, "The invalidation was not recorded; try again.")

    static func malformed(_ reason: String) -> CloudFrontError {
        CloudFrontError("MalformedXML", .badRequest, "The body is no InvalidationBatch: \(reason)")
    }
    static func invalid(_ reason: String) -> CloudFrontError {
        CloudFrontError("InvalidArgument", .badRequest, reason)
    }
    static func noSuchDistribution(_ id: String) -> CloudFrontError {
        CloudFrontError("NoSuchDistribution", .notFound, "The distribution \(id) does not exist here.")
    }
    static func noSuchInvalidation(_ id: String) -> CloudFrontError {
        CloudFrontError("NoSuchInvalidation", .notFound, "The invalidation \(id) does not exist.")
    }
}

/// CloudFront's quotas.
enum InvalidationLimits {
    /// In one batch, and in progress at a time.
    static let paths = 3000
    /// In progress at a time.
    static let wildcards = 15
    /// Characters of a path.
    static let pathLength = 4000
}
