public import Bytes

/// How large a head may be before the peer is told so.
public struct HeadLimits: Sendable, Equatable {
    /// Bytes of a request target; 8,192 unless told, as CloudFront has it.
    ///
    /// Exceeding it is 414.
    public var maximumTargetBytes: Int
    /// Bytes of start line and fields together; 20,480 unless told, as CloudFront has it.
    ///
    /// Exceeding it is 431.
    public var maximumHeadBytes: Int
    /// Number of fields; 128 unless told.
    ///
    /// Exceeding it is 431.
    public var maximumFields: Int

    /// Takes the three limits.
    public init(maximumTargetBytes: Int = 8192, maximumHeadBytes: Int = 20_480, maximumFields: Int = 128) {
        self.maximumTargetBytes = maximumTargetBytes
        self.maximumHeadBytes = maximumHeadBytes
        self.maximumFields = maximumFields
    }

    /// What a client may send.
    public static let request = HeadLimits()
    /// What an origin may send: 64 KiB, 256 fields.
    public static let response = HeadLimits(maximumHeadBytes: 65_536, maximumFields: 256)
}

/// What one call of a head parser found out.
public enum HeadProgress: Sendable, Equatable {
    /// The head is not complete; call again with the same bytes and more behind them.
    case needMore
    /// The head is complete and this many bytes long; the body, or the next message, follows.
    case complete(headBytes: Int)
    /// The peer broke a rule: answer with its status, close, forward nothing.
    case refused(HTTPViolation)
}

/// How the end of a request's body is recognised (RFC 9112 §6).
public enum BodyFraming: Sendable, Equatable {
    /// There is no body.
    case none
    /// Exactly that many bytes, at least one.
    case length(Int)
    /// Chunked coding.
    case chunked
}

/// How the end of a response's body is recognised (RFC 9112 §6.3).
public enum ResponseFraming: Sendable, Equatable {
    /// There is no body.
    case none
    /// Exactly that many bytes, at least one.
    case length(Int)
    /// Chunked coding.
    case chunked
    /// Everything until the connection closes; truncation cannot be noticed.
    case untilClose
}

/// One field of a parsed head, as ranges of the bytes it was parsed from.
public struct HeadField: Sendable, Equatable {
    /// The name as sent, in whatever case.
    public var name: ByteSlice
    /// The value without surrounding whitespace.
    public var value: ByteSlice
    /// Which of the names that somebody asks for it is.
    public var known: KnownField?
}
