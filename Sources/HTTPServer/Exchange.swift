public import Bytes
public import EventLoop
public import HTTPWire
internal import TLS
public import Telemetry

/// One request and its response, whatever the HTTP version underneath.
///
/// An exchange lives on one loop and every method is called there. The object is reused for the next request of the
/// connection unless the handler kept a reference, so a hit costs no allocation and a late call meets an ended exchange,
/// on which every method does nothing.
public final class Exchange {
    /// The loop this exchange lives on.
    public let loop: EventLoop
    /// Names the connection: no other one of the loop's has, had or will have the same number.
    public internal(set) var connectionNumber: UInt64
    /// The client's address.
    public internal(set) var peer: SocketAddress
    /// The address the listener is bound to.
    public internal(set) var local: SocketAddress
    /// Whether the connection is encrypted.
    public internal(set) var isTLS: Bool
    /// The parsed request head; its slices point into `headBytes`.
    public internal(set) var head = RequestHeadParser()
    /// Monotonic time at which the head was complete; not the loop's, which stands still while a hit is answered.
    public internal(set) var startedNanoseconds: UInt64 = 0
    /// A number of the handler's own, for `ExchangeHandler.endedOnLoop`; 0 at the start of every request.
    public var tag: UInt8 = 0
    /// Another one, such as why the response is an error; 0 at the start of every request.
    public var detail: UInt8 = 0
    /// A third one, such as which part of its configuration answers; 0 at the start of every request.
    public var scope: UInt32 = 0
    /// What the head of the response said, if the server's configuration asks for it.
    public internal(set) var notes = ResponseNotes()
    /// Whether the body's source could not go on: a response cut short by us, not by the client.
    public internal(set) var hasSourceFailed = false
    /// Whatever the handler wants to remember for the request; released by the next one at the latest.
    public var attachment: AnyObject?
    /// Told if the client goes away before the response is complete; released at the end of the exchange.
    public var observer: (any ExchangeObserver)?
    /// Whether the exchange is over, by completion or because the client went away.
    public internal(set) var isEnded = true
    /// Paces the body of the response, if it is to be paced; released at the end of the exchange.
    public var throttle: (any BodyThrottle)?
    /// Status code of the response that was started; 0 before.
    public internal(set) var status = 0
    /// Sent after the body, where the version can (HTTP/1.1: a chunked body); set before the source says `.finished`, and
    /// only if `acceptsTrailers`. Fields that may not stand there (`Trailers.mayHold`) are left out.
    public var trailers: Headers?
    /// Body bytes of the response handed to the kernel so far.
    public internal(set) var bodyBytesWritten = 0

    /// When the first bytes of a response went that did not go all at once; 0 before.
    private var firstByteAtNanoseconds: UInt64 = 0
    var transport: (any ExchangeTransport)?
    var source: (any BodySource)?
    var sink: (any BodySink)?
    var isSinkPaused = false
    var isPumping = false
    var isResumeRequested = false
    /// Body bytes that the throttle lets go out in this turn of the source.
    var allowance = Int.max
    /// Runs while the throttle holds the body back.
    var hold: TimerToken?
    private var assignedRequestID: RequestID?
    private let requestIDs: RequestIDSource

    init(
        loop: EventLoop, connectionNumber: UInt64, peer: SocketAddress, local: SocketAddress, isTLS: Bool,
        requestIDs: RequestIDSource
    ) {
        self.connectionNumber = connectionNumber
        self.loop = loop
        self.requestIDs = requestIDs
        self.peer = peer
        self.local = local
        self.isTLS = isTLS
    }

    /// The bytes of the request head. The pointer is valid until control returns to the loop; slices stay meaningful
    /// until the exchange ends. Empty once the connection has moved on.
    public var headBytes: UnsafeRawBufferPointer {
        transport?.headBytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Whether the client says that it takes trailers (`TE: trailers`, RFC 9110 §10.1.4).
    public var acceptsTrailers: Bool {
        guard head.minorVersion > 0 else { return false }
        let bytes = headBytes
        var accepts = false
        for field in head.fields where field.known == .te {
            HTTPToken.forEachElement(of: field.value.bytes(in: bytes)) { coding in
                accepts = accepts || ASCII.equalsIgnoringCase(coding, "trailers")
                return !accepts
            }
        }
        return accepts
    }

    /// What an access log says of the request; nil once the connection has moved on.
    public var requestFacts: RequestFacts? { transport?.requestFacts }

    /// What an access log says of the connection's TLS; nil without TLS.
    public var tlsFacts: TLSFacts? {
        guard isTLS, let session = transport?.tlsSession else { return nil }
        return TLSFacts(version: session.versionName, cipher: session.cipherName)
    }

    /// Whatever the handler wants to remember for the connection, for example the last verified credential. It outlives
    /// the exchange and dies with the connection.
    public var connectionStorage: AnyObject? {
        get { transport?.connectionStorage }
        set { transport?.connectionStorage = newValue }
    }

    /// Identifies this exchange in logs: the client's `X-Request-Id` if that is sane, else a random one made on first use.
    public var requestID: RequestID {
        if let assignedRequestID { return assignedRequestID }
        let id = field(.requestID).flatMap(RequestID.init(incoming:)) ?? RequestID(using: &requestIDs.generator)
        assignedRequestID = id
        return id
    }

    /// Appends the text of `requestID`, which every response and every line of the access log has.
    public func appendRequestID(to buffer: inout GrowableBuffer) {
        if assignedRequestID == nil { _ = requestID }
        assignedRequestID?.append(to: &buffer)
    }

    /// Writes the text of `requestID`; returns how many bytes that are.
    ///
    /// - Parameter memory: of 64 bytes.
    public func writeRequestID(to memory: UnsafeMutableRawPointer) -> Int {
        if assignedRequestID == nil { _ = requestID }
        return assignedRequestID?.write(to: memory) ?? 0
    }

    /// Prepares the object for the request whose head was just parsed.
    func beginOnLoop() {
        startedNanoseconds = MonotonicClock.nanoseconds()
        firstByteAtNanoseconds = 0
        tag = 0
        detail = 0
        scope = 0
        attachment = nil
        isEnded = false
        status = 0
        bodyBytesWritten = 0
        isSinkPaused = false
        isResumeRequested = false
        hasSourceFailed = false
        if notes.headBytes > 0 { notes.removeAll() }
        trailers = nil
        assignedRequestID = nil
    }

    /// Prepares the object to tell of a request that is refused, which has no past and no future.
    func refusedOnLoop(hasHead: Bool) {
        assignedRequestID = hasHead ? nil : RequestID(using: &requestIDs.generator)
    }

    /// Bytes of the response have gone and others are to follow.
    func noteFirstByteOnLoop() {
        if firstByteAtNanoseconds == 0, !isEnded { firstByteAtNanoseconds = MonotonicClock.nanoseconds() }
    }

    /// How the exchange ends, if it ends now.
    func outcome(isComplete: Bool) -> ExchangeOutcome {
        let now = MonotonicClock.nanoseconds()
        return ExchangeOutcome(
            status: status, bodyBytes: bodyBytesWritten, isComplete: isComplete, nanoseconds: now - startedNanoseconds,
            firstByteNanoseconds: (firstByteAtNanoseconds == 0 ? now : firstByteAtNanoseconds) - startedNanoseconds)
    }

    /// Ends a completed exchange. The sink of a body that was not read to its end learns of it.
    func completedOnLoop() {
        isEnded = true
        observer = nil
        source = nil
        releaseThrottleOnLoop()
        let unread = sink
        sink = nil
        unread?.failedOnLoop(.exchangeEnded)
    }

    /// Ends an exchange whose connection is gone.
    func abandonedOnLoop() {
        guard !isEnded else { return }
        isEnded = true
        let (observer, source, sink) = (observer, source, sink)
        self.observer = nil
        self.source = nil
        self.sink = nil
        releaseThrottleOnLoop()
        sink?.failedOnLoop(.disconnected)
        source?.cancelledOnLoop()
        observer?.abandonedOnLoop(self)
    }

    /// Whether any of the fields is there in which a player says something of itself (CTA-5004 §2.1).
    public var hasMediaFields: Bool { head.hasMediaFields }

    /// The value of the first field of that name; valid until control returns to the loop.
    public func field(_ name: KnownField) -> UnsafeRawBufferPointer? {
        // Asked of the bits first: most names are not there, and the head is too large to be copied for nothing.
        guard head.contains(name) else { return nil }
        return head.field(name)?.bytes(in: headBytes)
    }
}

/// Names the requests of a loop's exchanges, and its connections.
final class RequestIDSource {
    var generator = RequestIDGenerator()
    private var connections: UInt64 = 0

    /// 1 for the first connection.
    func nextConnection() -> UInt64 {
        connections += 1
        return connections
    }
}
