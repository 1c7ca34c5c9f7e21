/// What is known of a finished request, for as long as its line is written: the bytes belong to the caller.
///
/// Text is empty where there is none. Query and referrer hold no secrets any more (`SecretParameters`); cookies and
/// credentials are not here at all.
public struct AccessRecord {
    /// When the response ended, since 1970.
    public var epochNanoseconds: Int64 = 0
    /// Names the request in every log and answer.
    public var requestID = Self.none
    /// Of the trace that the request belongs to, 32 hexadecimal digits.
    public var traceID = Self.none

    /// Where the edge is, as its operator says.
    public var location = Self.none
    /// The name of the distribution.
    public var distribution = Self.none
    /// The path pattern of the behavior.
    public var behavior = Self.none

    /// The client's address without its port.
    public var client = Self.none
    /// The client's port.
    public var port = 0
    /// Two letters, ISO 3166-1.
    public var country = Self.none
    /// The version of TLS, such as `TLSv1.3`.
    public var tlsVersion = Self.none
    /// OpenSSL's name of the cipher.
    public var tlsCipher = Self.none
    /// Whether the connection is encrypted.
    public var isTLS = false
    /// Such as `HTTP/1.1`.
    public var httpVersion: StaticString = "HTTP/1.1"

    /// The request method.
    public var method = Self.none
    /// `Host`.
    public var host = Self.none
    /// The path as it was sent.
    public var path = Self.none
    /// The query without secrets, without `?`.
    public var query = Self.none
    /// `Referer` without secrets.
    public var referrer = Self.none
    /// `User-Agent`.
    public var userAgent = Self.none
    /// `X-Forwarded-For`.
    public var forwardedFor = Self.none
    /// Names of cookies, if they are logged.
    public var cookieNames = Self.none
    /// Bytes of the request, head included.
    public var requestBytes = 0
    /// The list of the `CMCD` parameter, decoded, and of the four `CMCD-` fields.
    public var cmcd = (Self.none, Self.none, Self.none, Self.none, Self.none)

    /// 0 when there was no response.
    public var status = 0
    /// Bytes of the response, head included.
    public var responseBytes = 0
    /// Bytes of the body.
    public var bodyBytes = 0
    /// What was announced.
    public var contentLength: Int?
    /// `Content-Type`.
    public var contentType = Self.none
    /// Of `Content-Range`: first and last byte.
    public var range: (first: Int, last: Int)?
    /// Whether the client got the whole response.
    public var isComplete = true
    /// From the complete request head to the first byte handed to the kernel.
    public var firstByteNanoseconds: UInt64 = 0
    /// From the complete request head to the last byte handed to the kernel.
    public var nanoseconds: UInt64 = 0

    /// What the cache did, in our own finer words.
    public var cache: StaticString = "none"
    /// The class of the response as it began.
    public var responseType = ResultType.error
    /// What went wrong, as far as the edge knows.
    public var cause = DetailedResultType.none

    private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// A record of nothing.
    public init() {}

    /// The class of the request as it ended.
    public var resultType: ResultType { isComplete ? responseType : .error }

    /// A response that was cut without a reason of ours was cut by its client.
    public var detail: DetailedResultType {
        if cause != .none || isComplete { return cause }
        return status == 0 ? .clientHungUpRequest : .clientCommError
    }
}
