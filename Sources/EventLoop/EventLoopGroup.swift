internal import Synchronization

/// A fixed set of loops, usually one per core, started and stopped together.
public final class EventLoopGroup: Sendable {
    /// The loops, in order; never empty.
    public let loops: [EventLoop]
    private let counter = Atomic<Int>(0)

    /// Starts `count` loops named `name-0`, `name-1` and so on.
    public init(loops count: Int, name: String = "loop", pace: ThreadPace = .usual) throws(SystemError) {
        precondition(count > 0, "a group needs at least one loop")
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(name: "\(name)-\(index)", pace: pace)) }
        self.loops = loops
    }

    /// The next loop in turn.
    ///
    /// Callable from any thread.
    public func next() -> EventLoop {
        let turn = counter.wrappingAdd(1, ordering: .relaxed).newValue
        return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
    }

    /// The loop whose thread is the caller's, if it is one of this group.
    public var current: EventLoop? {
        loops.first { $0.isOnLoop }
    }

    /// Stops and joins every loop (`EventLoop.shutdown`).
    ///
    /// Call it from outside the loops, after everything on them has ended.
    public func shutdown() async {
        for loop in loops { await loop.shutdown() }
    }
}

/// Carries a value that belongs to one loop through code that runs elsewhere, such as a `@Sendable` closure.
public struct LoopBound<Value>: @unchecked Sendable {
    // Sendable because the value can be reached only on the loop's thread.

    /// The loop that owns the value.
    public let loop: EventLoop
    private let boundValue: Value

    /// Binds `value` to `loop`.
    ///
    /// The last copy may be released on any thread, so `deinit` of the value must not need the loop.
    public init(_ value: Value, loop: EventLoop) {
        self.loop = loop
        boundValue = value
    }

    /// The value; traps off the loop.
    public var valueOnLoop: Value {
        loop.assertOnLoop()
        return boundValue
    }
}
