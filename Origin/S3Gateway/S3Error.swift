public import HTTPWire

/// A refusal in S3's vocabulary: the code and status that its clients act on, and a sentence for people.
public struct S3Error: Error, Sendable, Equatable {
    /// S3's code, such as `NoSuchKey`.
    public let code: String
    /// The HTTP status.
    public let status: HTTPStatus
    /// What was wrong.
    public let message: String
    /// The object's size in bytes, for `Content-Range` of a range outside it.
    public let objectSize: Int?
    /// Where the object is instead, as S3 calls it.
    public let storageClass: String?

    /// Makes an error.
    public init(
        _ code: String, _ status: HTTPStatus, _ message: String, objectSize: Int? = nil,
        storageClass: String? = nil
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.objectSize = objectSize
        self.storageClass = storageClass
    }

    static let accessDenied = S3Error("AccessDenied", 403, "Access Denied")
    static let noSuchBucket = S3Error("NoSuchBucket", 404, "The specified bucket does not exist")
    static let noSuchKey = S3Error("NoSuchKey", 404, "The specified key does not exist.")
    static let invalidURI = S3Error("InvalidURI", 400, "The path is not valid percent-encoded UTF-8.")
    static let keyTooLong = S3Error("KeyTooLongError", 400, "Your key is too long; at most 1024 bytes.")
    static let methodNotAllowed = S3Error(
        "MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
    static let missingContentLength = S3Error(
        "MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
    static let entityTooLarge = S3Error(
        "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size.")
    static let entityTooSmall = S3Error(
        "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed object size.")
    static let malformedForm = S3Error(
        "MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.")
    static let fieldsTooLarge = S3Error(
        "MaxPostPreDataLengthExceeded", 400, "Your POST request fields preceding the upload file were too large.")
    static let incompleteBody = S3Error(
        "IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header.")
    static let badDigest = S3Error("BadDigest", 400, "The Content-MD5 or checksum you specified did not match.")
    static let invalidDigest = S3Error("InvalidDigest", 400, "The Content-MD5 or checksum you specified is not valid.")
    static let contentMismatch = S3Error(
        "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed."
    )
    static let bucketNotEmpty = S3Error(
        "BucketNotEmpty", 409, "The bucket you tried to delete is not empty.")
    static let chunkSignatureMismatch = S3Error(
        "SignatureDoesNotMatch", 403, "The signature of a chunk or of the trailer does not match what was computed.")
    static let malformedTrailer = S3Error(
        "MalformedTrailerError", 400, "The aws-chunked body or its trailer is malformed.")
    static let preconditionFailed = S3Error(
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold.")
    static let storageFull = S3Error("InsufficientStorage", 507, "There is no room left for this object.")
    static let slowDown = S3Error("SlowDown", 503, "Please reduce your request rate.")
    static let internalError = S3Error("InternalError", 500, "We encountered an internal error. Please try again.")

    static func invalidRange(objectSize: Int) -> S3Error {
        S3Error("InvalidRange", 416, "The requested range is not satisfiable", objectSize: objectSize)
    }
    static func invalidArgument(_ message: String) -> S3Error { S3Error("InvalidArgument", 400, message) }
    static func invalidRequest(_ message: String) -> S3Error { S3Error("InvalidRequest", 400, message) }
    static func malformedXML(_ reason: String) -> S3Error {
        S3Error("MalformedXML", 400, "The XML you provided was not well-formed or not what is expected: \(reason).")
    }
    static func notImplemented(_ what: String) -> S3Error {
        S3Error("NotImplemented", 501, "\(what) is not implemented here.")
    }
}
