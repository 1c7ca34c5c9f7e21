import EventLoop
import Synchronization
import TestKit
import Testing

@Suite struct TurnTests {
    @Test func `an observer learns how long a turn took`() async throws {
        let loop = try EventLoop()
        let longest = LongestTurn()
        try await loop.run {
            loop.observeTurnsOnLoop { longest.took($0) }
            let end = MonotonicClock.nanoseconds() + 20_000_000
            while MonotonicClock.nanoseconds() < end {}
        }
        #expect(await eventually { longest.nanoseconds >= 20_000_000 })
        await loop.shutdown()
    }
}

private final class LongestTurn: Sendable {
    private let longest = Mutex<UInt64>(0)
    var nanoseconds: UInt64 { longest.withLock { $0 } }

    func took(_ nanoseconds: UInt64) {
        longest.withLock { $0 = max($0, nanoseconds) }
    }
}
