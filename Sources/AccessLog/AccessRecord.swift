/// What is known of a finished request, beside its sender, for as long as its line is written: the bytes belong to the caller.
///
/// Text is empty where there is none. The query holds no secrets any more (`SecretParameters`); cookies and credentials are not
/// here at all.
///
/// A class, because a structure of this size was copied for each function that reads it; used again for the next request.
public final class AccessRecord {
    /// When the response ended, since 1970.
    public var epochNanoseconds: Int64 = 0
    /// Names the request in every log and answer.
    public var requestID = AccessText.none
    /// Of the trace that the request belongs to, 32 hexadecimal digits.
    public var traceID = AccessText.none

    /// Names distribution and behavior: no two of them in the same log have the same number, but 0, which says nothing.
    public var scope: UInt32 = 0
    /// The name of the distribution.
    public var distribution = AccessText.none
    /// The path pattern of the behavior.
    public var behavior = AccessText.none

    /// The path as it was sent.
    public var path = AccessText.none
    /// The query without secrets, without `?`.
    public var query = AccessText.none
    /// Names of cookies, if they are logged.
    public var cookieNames = AccessText.none
    /// Bytes of the request, head included.
    public var requestBytes = 0
    /// The list of the `CMCD` parameter, decoded, and of the four `CMCD-` fields.
    public var cmcd = (AccessText.none, AccessText.none, AccessText.none, AccessText.none, AccessText.none)

    /// 0 when there was no response.
    public var status = 0
    /// Bytes of the response, head included.
    public var responseBytes = 0
    /// Bytes of the body.
    public var bodyBytes = 0
    /// What was announced.
    public var contentLength: Int?
    /// `Content-Type`.
    public var contentType = AccessText.none
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

    /// A record of nothing.
    public init() {}

    /// Forgets what not every request has, before the record is used for another one.
    public func removeOptional() {
        traceID = .none
        scope = 0
        distribution = .none
        behavior = .none
        path = .none
        query = .none
        cookieNames = .none
        requestBytes = 0
        cmcd = (.none, .none, .none, .none, .none)
    }

    /// Bytes of all texts. Each is the length of something in memory, so no sum of them overflows.
    var textBytes: Int {
        requestID.count &+ traceID.count &+ distribution.count &+ behavior.count &+ path.count &+ query.count
            &+ cookieNames.count &+ contentType.count &+ mediaBytes
    }

    /// Bytes of the lists of media data.
    var mediaBytes: Int {
        cmcd.0.count &+ cmcd.1.count &+ cmcd.2.count &+ cmcd.3.count &+ cmcd.4.count
    }

    /// The class of the request as it ended.
    public var resultType: ResultType { isComplete ? responseType : .error }

    /// A response that was cut without a reason of ours was cut by its client.
    public var detail: DetailedResultType {
        if cause != .none || isComplete { return cause }
        return status == 0 ? .clientHungUpRequest : .clientCommError
    }
}
