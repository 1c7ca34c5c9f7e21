/// What happened on a session, told in order and never from inside the library, so that its receiver may answer at once.
public enum HTTP2Event {
    /// A request head is complete, or was found wanting (`HTTP2Stream.violation`).
    case head(HTTP2Stream)
    /// Bytes of a request body, valid while the event is handled; their receiver says when they are used up
    /// (`HTTP2Session.consume`).
    case data(HTTP2Stream, UnsafeRawBufferPointer)
    /// The client has sent the last byte of a body; not told of a request without one (`HTTP2Stream.isRemoteEnded`).
    case bodyEnded(HTTP2Stream)
    /// There is room in the client's windows again: of one stream, or (nil) of any.
    case windowOpened(HTTP2Stream?)
    /// The stream is over on the wire; `noError` if both sides ended it.
    case closed(HTTP2Stream, HTTP2ErrorCode)
    /// The client has answered the ping of `beginDrain`: every request it sent before it knew has arrived.
    case drainAcknowledged
}

/// What a session needs of its connection. All calls come while the connection calls the session; only `handle` may call
/// back into it.
public protocol HTTP2SessionOwner: AnyObject {
    /// An object for a request that begins: new, or one that is not needed any more.
    func makeStream() -> HTTP2Stream
    /// Whether nothing more can be taken; the session is asked again (`HTTP2Session.pump`) when that has changed.
    var isOutputFull: Bool { get }
    /// Takes the bytes of frames other than DATA.
    func send(_ frames: UnsafeRawBufferPointer)
    /// Takes one DATA frame; `payload` is valid during the call.
    func sendData(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer)
    /// Acts on what happened.
    func handle(_ event: HTTP2Event)
    /// A stream was reset, by the client or by this side.
    func noteReset(_ code: HTTP2ErrorCode, byClient: Bool)
    /// This side is ending the connection; `reason` is for the log.
    func noteGoAway(_ code: HTTP2ErrorCode, reason: String)
}
