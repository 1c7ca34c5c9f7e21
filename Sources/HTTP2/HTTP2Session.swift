internal import CNGHTTP2

/// One HTTP/2 connection without its socket: takes the bytes a client sent, tells its owner what they mean, and gives the
/// owner the bytes to send. It knows no clock, socket or handler, so arbitrary bytes can be fed to it in a test.
///
/// nghttp2 does the framing, the header compression, the windows and the state of the streams; this class counts what
/// floods are made of before nghttp2 sees it, builds request heads, and lends response bodies to frames without a copy.
/// Of the thread that owns the connection.
public final class HTTP2Session {
    let limits: HTTP2Limits
    let session: OpaquePointer
    /// Told of everything; it owns the session and outlives it, so the reference need not be counted.
    unowned(unsafe) let owner: any HTTP2SessionOwner
    var scanner = FrameScanner()
    var budget: FrameBudget
    var assembler: RequestHeadAssembler
    /// The stream whose header block is being decoded.
    var headerStream: HTTP2Stream?
    /// Every stream the owner knows of or will.
    public private(set) var streams: [HTTP2Stream] = []
    var events: [HTTP2Event] = []
    var fields: [nghttp2_nv] = []
    var now: UInt64 = 0
    /// The library stopped after a piece of body, so that it is delivered before anything else happens.
    var isPaused = false
    /// The header block in progress broke a limit that ends the connection.
    var excess: FrameBudget.Excess?
    /// Whether the client has acknowledged the settings.
    public internal(set) var areSettingsAcknowledged = false
    private var isDelivering = false
    private var isTerminated = false
    private var isBroken = false
    private var isDraining = false

    /// Starts a session as the server and queues its settings; `pump` gives them to the output.
    public init(limits: HTTP2Limits, owner: any HTTP2SessionOwner) {
        self.limits = limits
        self.owner = owner
        budget = FrameBudget(limits)
        assembler = RequestHeadAssembler(limits)
        session = HTTP2Library.makeSession(limits)
        nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        submitSettings()
    }

    deinit {
        nghttp2_session_del(session)
    }

    private func submitSettings() {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        let entries = [
            entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreams),
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headBytes),
            entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ]
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
        nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(clamping: limits.connectionWindow))
    }

    // MARK: State

    /// Whether the connection is to be closed as soon as its output has gone.
    public var isFinished: Bool {
        if isBroken { return true }
        if isDraining { return false }
        return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Whether `pump` has something to give.
    public var wantsOutput: Bool { nghttp2_session_want_write(session) != 0 }

    /// Whether the session has decided to end the connection because of what the client did.
    public var hasFailed: Bool { isTerminated }

    /// Whether a header block has begun and not ended.
    public var isReadingHead: Bool { headerStream != nil }

    /// Body bytes the client may send on `stream` before it has to wait for us.
    public func receiveWindow(of stream: HTTP2Stream) -> Int {
        Int(
            min(
                nghttp2_session_get_local_window_size(session),
                nghttp2_session_get_stream_local_window_size(session, stream.id)))
    }

    /// Body bytes the client's window of `stream` has room for, whatever the connection's has.
    public func sendWindow(of stream: HTTP2Stream) -> Int {
        Int(nghttp2_session_get_stream_remote_window_size(session, stream.id))
    }

    // MARK: Input

    /// Takes bytes the client sent; `now` is monotonic nanoseconds. What they mean is told before this returns; what is to be
    /// sent waits for `pump`.
    public func receive(_ bytes: UnsafeRawBufferPointer, at now: UInt64) {
        self.now = now
        guard !isTerminated, !isBroken else { return }
        var offset = 0
        while let frame = scanner.next(in: bytes, from: &offset) {
            if let excess = budget.received(frame, at: now) {
                terminate(.enhanceYourCalm, reason: "too many \(excess.rawValue)")
                return
            }
        }
        var rest = bytes
        repeat {
            isPaused = false
            let count = nghttp2_session_mem_recv(
                session, rest.baseAddress?.assumingMemoryBound(to: UInt8.self), rest.count)
            if count < 0 {
                fail(Int32(count))
                deliverEvents()
                return
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            deliverEvents()
        } while (isPaused || !rest.isEmpty) && !isTerminated
        checkFloods()
    }

    /// The client's bytes of a request body have been used up, so it may send as many more.
    public func consume(_ bytes: Int, of stream: HTTP2Stream) {
        if stream.isClosed {
            nghttp2_session_consume_connection(session, bytes)
        } else {
            nghttp2_session_consume(session, stream.id, bytes)
        }
    }

    /// Tells what has happened meanwhile. Calls from inside `handle` do nothing: the outer one goes on.
    public func deliverEvents() {
        if isDelivering { return }
        isDelivering = true
        var index = 0
        while index < events.count {
            owner.handle(events[index])
            index += 1
        }
        events.removeAll(keepingCapacity: true)
        isDelivering = false
    }

    private func fail(_ code: Int32) {
        if let excess {
            terminate(.enhanceYourCalm, reason: "too many \(excess.rawValue)")
        } else if code == NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue {
            terminate(.protocolError, reason: "not an HTTP/2 preface")
        } else if code == NGHTTP2_ERR_FLOODED.rawValue || code == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue {
            terminate(.enhanceYourCalm, reason: "flood")
        } else {
            terminate(.internalError, reason: String(cString: nghttp2_strerror(code)))
        }
    }

    /// Frames of ours that nobody reads, and resets that were provoked, are found out after the fact.
    public func checkFloods() {
        if nghttp2_session_get_outbound_queue_size(session) > limits.queuedControlFrames + streams.count {
            excess = .controlFrames
        }
        if let excess, !isTerminated { terminate(.enhanceYourCalm, reason: "too many \(excess.rawValue)") }
    }

    // MARK: Streams

    func add(_ stream: HTTP2Stream) {
        stream.index = streams.count
        streams.append(stream)
    }

    /// Forgets a stream whose owner is done with it.
    public func release(_ stream: HTTP2Stream) {
        guard stream.index < streams.count, streams[stream.index] === stream else { return }
        let last = streams.removeLast()
        if last !== stream {
            streams[stream.index] = last
            last.index = stream.index
        }
    }

    // MARK: End

    /// Ends the connection for a fault of the client; frames it has sent are not looked at any more.
    public func terminate(_ code: HTTP2ErrorCode, reason: String) {
        guard !isTerminated else { return }
        isTerminated = true
        isDraining = false
        owner.noteGoAway(code, reason: reason)
        if nghttp2_session_terminate_session(session, code.rawValue) != 0 { isBroken = true }
    }

    /// Says that no further request will be taken, and asks the client to confirm (RFC 9113 §6.8): what it sent before is
    /// still served. `.drainAcknowledged` follows.
    public func beginDrain() {
        guard !isTerminated, !isDraining else { return }
        isDraining = true
        nghttp2_submit_shutdown_notice(session)
    }

    /// A GOAWAY has gone to the output. After the notice the ping follows, never before: its answer is to mean that the client
    /// has read the notice.
    func goAwaySent() {
        if isDraining { nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil) }
    }

    /// Names the last request that is served; `isFinished` once it is.
    public func finishDrain() {
        guard !isTerminated else { return }
        isDraining = false
        owner.noteGoAway(.noError, reason: "drain")
        nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session),
            HTTP2ErrorCode.noError.rawValue, nil, 0)
    }

    /// The connection is gone: what has not been told is not told any more.
    public func stop() {
        isTerminated = true
        events.removeAll()
    }

    func markBroken() {
        isBroken = true
    }
}
