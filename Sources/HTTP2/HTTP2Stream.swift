public import Bytes
internal import CNGHTTP2
public import HTTPWire

/// One request and its response as the session sees them. The owner derives its own class from it and keeps the objects for
/// later requests.
open class HTTP2Stream {
    /// The number on the wire; 0 while the object serves no request.
    public internal(set) var id: Int32 = 0
    /// The request head in HTTP/1's form; whole once `.head` has been told.
    public internal(set) var head = GrowableBuffer()
    /// What is wrong with the head, if it cannot be parsed for a reason known before parsing.
    public internal(set) var violation: HTTPViolation?
    /// Whether the client has ended its side.
    public internal(set) var isRemoteEnded = false
    /// Whether our side's last frame has been given to the output.
    public internal(set) var isLocalEnded = false
    /// Whether the session has forgotten the stream.
    public internal(set) var isClosed = false
    /// Whether the client's windows leave no room for the body, as far as the last offer has shown.
    public var isWindowBlocked = false
    /// How urgent the client finds the response.
    public internal(set) var priority = HTTP2Priority()
    /// The response's status and fields; the session's until the head has been sent.
    public var response = HeadWriter(capacity: 0)

    /// Position among the session's streams.
    var index = 0
    /// Whether `.head` has been told, so that the owner knows of the stream.
    var isAnnounced = false
    /// Whether the owner reset the stream of its own accord.
    var isResetByOwner = false
    /// Body bytes that may be framed now. Only set while an offer is being answered.
    var offer = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Whether the last byte of the offer is the last of the body.
    var offerEndsBody = false
    /// Whether the body ends with what has been sent.
    var isBodyEnded = false
    /// Sent after the body, as lines.
    var trailers: [UInt8] = []

    /// An object that serves no request yet.
    public init() {}

    /// Readies the object for another request, keeping its memory.
    func begin(_ id: Int32) {
        self.id = id
        head.removeAll()
        response.buffer.removeAll()
        violation = nil
        isRemoteEnded = false
        isLocalEnded = false
        isClosed = false
        isWindowBlocked = false
        isAnnounced = false
        isBodyEnded = false
        trailers = []
        isResetByOwner = false
        priority = HTTP2Priority()
    }
}
