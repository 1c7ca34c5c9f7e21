internal import HTTPWire
internal import TLS

/// What a stream of one HTTP version does for its exchange. An HTTP/1 connection is its own (only) stream; everything
/// above this protocol knows nothing of the version.
protocol ExchangeTransport: AnyObject {
    /// The bytes the slices of the exchange's head point into.
    var headBytes: UnsafeRawBufferPointer { get }
    /// What an access log says of the request.
    var requestFacts: RequestFacts { get }
    /// The connection's TLS, if it has any.
    var tlsSession: TLSSession? { get }
    /// Kept for the handler as long as the connection lives.
    var connectionStorage: AnyObject? { get set }
    /// Whether the last write left bytes behind, so that only a writable socket can help.
    var isWriteBlocked: Bool { get }
    /// Whether `awaitWritableOnLoop` has been called and `Exchange.pumpOnLoop` is still to come.
    var isAwaitingWritable: Bool { get }
    /// Whether the announced length has been written: the source may not add to it.
    var isBodyComplete: Bool { get }
    /// Sends an interim response ahead of the final one, which has not begun; nothing for a client that knows none.
    func sendInterimOnLoop(_ status: HTTPStatus, _ fields: (inout HeadWriter) -> Void)
    /// Queues the response head; `length` nil if the source does not know it. Returns whether body bytes may follow.
    func beginResponseOnLoop(_ status: HTTPStatus, _ length: Int?, _ fields: (inout HeadWriter) -> Void) -> Bool
    /// Writes the queued head and as much of `bytes` as the socket takes; returns how many bytes of `bytes` went.
    func writeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int
    /// Writes the queued head and `bytes`, copying what the socket does not take.
    func writeLastBodyOnLoop(_ bytes: UnsafeRawBufferPointer)
    /// Pushes out what is queued, because the source has nothing more for now.
    func flushOnLoop()
    /// Asks for a call of `Exchange.pumpOnLoop` when the socket is writable; on a later turn if it is now.
    func awaitWritableOnLoop()
    /// The response is complete but for the exchange's trailers, where the version can send them.
    func endResponseOnLoop()
    /// The response cannot be completed: the peer must see a truncation.
    func abortOnLoop()
    /// The sink wants bytes (again).
    func readBodyOnLoop()
}
