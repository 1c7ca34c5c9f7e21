import EventLoop
import SegmentStore

/// Has chunks that are not in memory read by threads that may wait, and wakes the responses that need them.
///
/// One per loop: a loop that touched such a chunk itself would stand still for everybody until the disk has answered.
final class ColdReads: @unchecked Sendable {
    // Sendable: what waits is only touched on `loop`.
    private let loop: EventLoop
    private let pool: BlockingPool
    private var waiting: [Int: (Bool) -> Void] = [:]
    private var newest = 0

    /// How long a response waits before it asks again when the disk has more to do than may queue.
    private static let pause = Duration.milliseconds(10)

    init(loop: EventLoop, pool: BlockingPool) {
        self.loop = loop
        self.pool = pool
    }

    /// Calls `resume` when the chunk has been read, with false if the disk does not give it. It may have left memory again
    /// by then, or be gone.
    func readOnLoop(_ chunk: ColdChunk, then resume: @escaping (_ isReadable: Bool) -> Void) {
        loop.assertOnLoop()
        newest += 1
        let number = newest
        waiting[number] = resume
        let isQueued = pool.submit { [self] in
            let isReadable = chunk.read()
            loop.submit { self.doneOnLoop(number, isReadable) }
        }
        if !isQueued { loop.scheduleOnLoop(after: Self.pause) { self.doneOnLoop(number, true) } }
    }

    private func doneOnLoop(_ number: Int, _ isReadable: Bool) {
        waiting.removeValue(forKey: number)?(isReadable)
    }
}
