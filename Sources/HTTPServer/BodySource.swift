/// What a source says after a turn of producing.
public enum Production: Sendable, Equatable {
    /// There is more: call again when the socket accepts bytes.
    case more
    /// Nothing to send now: the source calls `Exchange.resumeResponseOnLoop()` when there is.
    case wait
    /// Every byte has been accepted by the writer.
    case finished
    /// The body cannot be completed: the connection is closed short, so that the client sees the truncation.
    case failed
}

/// Produces a response body at the pace of the socket. All calls come on the exchange's loop.
public protocol BodySource: AnyObject {
    /// Writes as much as `writer` accepts. Called first when the response starts, later when the socket is writable
    /// again after `.more`, or after `resumeResponseOnLoop()`.
    func produceOnLoop(into writer: borrowing BodyWriter) -> Production
    /// The client is gone or the exchange was aborted; nothing more is asked of the source.
    func cancelledOnLoop()
}

/// What a body goes through on its way from another source to the socket: a source asks the one behind it for bytes with
/// `BodyWriter(through:of:)` and gets them here.
public protocol BodyFilter: AnyObject {
    /// Takes bytes; returns how many of them: fewer than offered, as a full socket would, while it holds enough.
    func takeOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int
}

/// The way of a response body into the socket, valid during one `produceOnLoop` call.
public struct BodyWriter: ~Copyable {
    /// Whose response it is: what a source that answers `.wait` resumes later.
    public let exchange: Exchange
    private let filter: (any BodyFilter)?

    init(_ exchange: Exchange) {
        self.exchange = exchange
        filter = nil
    }

    /// A writer for the source behind `filter`, which has `writer` itself.
    public init(through filter: any BodyFilter, of writer: borrowing BodyWriter) {
        exchange = writer.exchange
        self.filter = filter
    }

    /// Hands bytes to the socket, the pending head first, without keeping a copy. Returns how many of them were
    /// accepted: fewer than offered when the socket is full (or the announced length is reached), in which case the
    /// source returns `.more` and offers the same bytes again, from the first one not accepted.
    public func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        if let filter { return filter.takeOnLoop(bytes) }
        return exchange.writeFromSourceOnLoop(bytes)
    }
}
