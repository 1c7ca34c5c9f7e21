public import HTTPWire

/// The head of a response.
public struct ClientResponseHead: Sendable {
    /// The status code.
    public var status: HTTPStatus
    /// The header fields in the order they came.
    public var headers: Headers
    /// Bytes of body announced; 0 for responses that have none; nil if unknown.
    public var length: Int?
    /// Whether the end of the body can be told from a broken connection. False only for a body that ends with the
    /// connection, which must not be taken for complete.
    public var isDelimited: Bool
}

/// Whether a receiver can take more.
public enum ClientFlow: Sendable, Equatable {
    /// Deliver the next bytes when they come.
    case more
    /// Deliver nothing until `ClientExchange.resumeOnLoop()`; the server feels it.
    case pause
}

/// Takes a response as it arrives. All calls come on the client's loop: `headOnLoop`, any number of `bodyOnLoop`, then
/// `endOnLoop`; or at any point `failedOnLoop`, after which nothing follows. Nothing is called before `startOnLoop` returns.
public protocol ResponseReceiver: AnyObject {
    /// The final response head; interim ones are skipped.
    func headOnLoop(_ head: ClientResponseHead)
    /// Bytes of the body, valid during the call only.
    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> ClientFlow
    /// The body is complete, as far as its framing can tell (`ClientResponseHead.isDelimited`).
    func endOnLoop()
    /// There will be no complete response.
    func failedOnLoop(_ error: ClientError)
    /// A streamed request body may go on after `writeBodyOnLoop` returned `.pause`. The default does nothing.
    func readyForBodyOnLoop()
}

extension ResponseReceiver {
    /// Does nothing.
    public func readyForBodyOnLoop() {}
}
