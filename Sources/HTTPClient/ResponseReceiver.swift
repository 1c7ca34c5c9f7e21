public import HTTPWire
public import Transport

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

/// Takes a response as it arrives. All calls come on the client's loop: any number of `informationalOnLoop`, `headOnLoop`,
/// any number of `bodyOnLoop`, perhaps `trailersOnLoop`, then `endOnLoop`; or at any point `failedOnLoop`, after which
/// nothing follows. Nothing is called before `startOnLoop` returns.
public protocol ResponseReceiver: AnyObject {
    /// An interim response (RFC 9110 §15.2) other than 101, at most `HTTPClientConfiguration.maxInterimResponses` of them.
    /// The default does nothing.
    func informationalOnLoop(_ head: ClientResponseHead)
    /// The final response head.
    func headOnLoop(_ head: ClientResponseHead)
    /// Bytes of the body, valid during the call only. After `.pause` nothing is delivered until
    /// `ClientExchange.resumeOnLoop()`.
    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow
    /// The fields after a chunked body that may stand there (RFC 9110 §6.5), if there are any. They are no header fields.
    /// The default does nothing.
    func trailersOnLoop(_ trailers: Headers)
    /// The body is complete, as far as its framing can tell (`ClientResponseHead.isDelimited`).
    func endOnLoop()
    /// There will be no complete response.
    func failedOnLoop(_ error: ClientError)
    /// A streamed request body may go on after `writeBodyOnLoop` returned `.pause`. The default does nothing.
    func readyForBodyOnLoop()
}

extension ResponseReceiver {
    /// Does nothing.
    public func informationalOnLoop(_ head: ClientResponseHead) {}
    /// Does nothing.
    public func trailersOnLoop(_ trailers: Headers) {}
    /// Does nothing.
    public func readyForBodyOnLoop() {}
}
