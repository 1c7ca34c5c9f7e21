import Synchronization

/// A clock that stands still until the test moves it.
public final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    /// Stands at `milliseconds` since 1970.
    public init(milliseconds: Int64 = 1_000_000) { self.milliseconds = Mutex(milliseconds) }

    /// Milliseconds since 1970.
    public var now: Int64 { milliseconds.withLock { $0 } }

    /// Goes on by so much.
    public func advance(seconds: Int = 0, milliseconds more: Int = 0) {
        milliseconds.withLock { $0 += Int64(seconds * 1_000 + more) }
    }
}
