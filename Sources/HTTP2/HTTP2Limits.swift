/// What one client may ask of one HTTP/2 connection. Every budget is counted per `windowNanoseconds`; breaking one ends the
/// connection with `ENHANCE_YOUR_CALM` before the frames reach the session.
public struct HTTP2Limits: Sendable, Equatable {
    /// Requests in progress at a time; more are refused with `REFUSED_STREAM`. Default 128.
    public var concurrentStreams = 128
    /// Bytes of request body a client may send ahead on one stream. Default 256 KiB.
    public var streamWindow = 262_144
    /// Bytes of request bodies a client may send ahead on all streams together; so much memory a connection may hold.
    /// Default 1 MiB.
    public var connectionWindow = 1_048_576
    /// Bytes of a request head in HTTP/1's form; beyond it 431. Default 20,480.
    public var headBytes = 20_480
    /// Header fields of a request, cookie crumbs counted as one; beyond it 431. Default 256.
    public var fields = 256
    /// How many times `headBytes` a header block may decode to before the connection ends: the answer 431 needs the block to
    /// be read to its end, a bomb does not deserve that. Default 16.
    public var headExcessFactor = 16
    /// `CONTINUATION` frames of one header block. Default 16.
    public var continuations = 16
    /// The time over which the following budgets are counted. Default 60 s.
    public var windowNanoseconds: UInt64 = 60_000_000_000
    /// Streams reset, by the client or because of what the client did. Default 200.
    public var resets = 200
    /// `SETTINGS` frames. Default 32.
    public var settings = 32
    /// `PING` frames. Default 120.
    public var pings = 120
    /// `PRIORITY` and `PRIORITY_UPDATE` frames. Default 1,000.
    public var priorities = 1_000
    /// `DATA` frames that carry nothing and end nothing. Default 200.
    public var emptyData = 200
    /// `WINDOW_UPDATE` frames besides one for each KiB of body sent. Default 2,000.
    public var windowUpdates = 2_000
    /// Frames of unknown types. Default 200.
    public var unknownFrames = 200
    /// Frames of ours (acknowledgements, resets) that may wait for a client that does not read. Default 256.
    public var queuedControlFrames = 256

    /// The defaults.
    public init() {}
}
