/// How an exchange ended, for access logs and accounting.
public struct ExchangeOutcome: Sendable, Equatable {
    /// The response's status code; 0 when there was no response.
    public var status: Int
    /// Body bytes handed to the kernel.
    public var bodyBytes: Int
    /// Whether the whole response was handed to the kernel.
    public var isComplete: Bool
    /// Nanoseconds from the complete request head to the end.
    public var nanoseconds: UInt64
    /// Nanoseconds from the complete request head until the first bytes of the response were handed to the kernel; as
    /// `nanoseconds` where all went at once, and where none went.
    public var firstByteNanoseconds: UInt64
}

/// Answers requests on one loop. There is one instance per loop, made by the server's factory, so it needs no locks.
public protocol ExchangeHandler: AnyObject {
    /// A valid request head has arrived. The handler responds now or later, on the same loop; it may keep the exchange
    /// as long as it likes, for calls on an ended exchange do nothing.
    func handleOnLoop(_ exchange: Exchange)
    /// The exchange ended, whatever the reason; its head is still readable. The default does nothing.
    func endedOnLoop(_ exchange: Exchange, _ outcome: ExchangeOutcome)
    /// A request was answered that is shown to no handler: its head was malformed, too large or too slow. The exchange says
    /// who sent it, and must not be kept. The default does nothing.
    func refusedOnLoop(_ exchange: Exchange, _ refusal: RefusedRequest)
}

extension ExchangeHandler {
    /// Does nothing.
    public func endedOnLoop(_ exchange: Exchange, _ outcome: ExchangeOutcome) {}

    /// Does nothing.
    public func refusedOnLoop(_ exchange: Exchange, _ refusal: RefusedRequest) {}
}

/// Told when an exchange dies before its response is complete, for handlers that wait for something else meanwhile.
public protocol ExchangeObserver: AnyObject {
    /// The client is gone; responses to this exchange are ignored from now on. Called on the loop, at most once.
    func abandonedOnLoop(_ exchange: Exchange)
}
