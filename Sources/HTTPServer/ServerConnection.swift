internal import EventLoop

/// A connection of whatever version, as its loop keeps it.
protocol ServerConnection: AnyObject {
    /// Position in the loop's list of connections.
    var index: Int { get set }
    /// The client's address.
    var peer: SocketAddress { get }
    /// Whether nothing is lost by closing it now.
    var isIdle: Bool { get }
    /// When the loop's clock passes one of these, `timedOutOnLoop` is called.
    var readDeadline: UInt64 { get }
    /// See `readDeadline`.
    var writeDeadline: UInt64 { get }
    /// Starts with the descriptor.
    func startOnLoop()
    /// A deadline has passed.
    func timedOutOnLoop()
    /// No deadline has passed, but a second or less has.
    func sweptOnLoop(_ now: UInt64)
    /// The server shuts down gently: the next response that begins is the last one. Idle, it waits for one more request.
    func retireOnLoop()
    /// The server shuts down gently, and closes what is idle.
    func drainOnLoop()
    /// Closes now; with `reset` the peer cannot mistake what it got for complete.
    func closeOnLoop(reset: Bool)
}
