import Glibc
import Synchronization
import Testing

@testable import SegmentStore

/// Takes its time to go, and says when it is gone.
private final class Slow: Sendable {
    private let gone: @Sendable () -> Void

    init(_ gone: @escaping @Sendable () -> Void) { self.gone = gone }

    func use() {}

    deinit {
        usleep(50_000)
        gone()
    }
}

@Suite struct StartThreadTests {
    /// The lock of a store goes with its last reference, and its writers have some.
    @Test func `a thread has let go of all it held when it is said to have ended`() throws {
        let order = Mutex<[String]>([])
        let ended = Signal()
        try Self.start(
            Slow { order.withLock { $0.append("gone") } },
            ended: {
                order.withLock { $0.append("ended") }
                ended.set()
            })
        ended.wait()
        #expect(order.withLock { $0 } == ["gone", "ended"])
    }

    private static func start(_ held: Slow, ended: @escaping @Sendable () -> Void) throws {
        try startThread({ held.use() }, ended: ended)
    }
}
