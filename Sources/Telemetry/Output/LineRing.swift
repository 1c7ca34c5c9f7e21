internal import Synchronization

/// A bounded queue of lines from one thread to one other, without a lock.
///
/// A line lies in one piece: where the rest of the memory is too short for it, it begins at the front. Positions count bytes
/// from the beginning of time; the memory is theirs modulo `capacity`.
final class LineRing: @unchecked Sendable {
    // Sendable because bytes between `tail` and `head` are only read, by the consumer, and all others only written, by the
    // producer; the positions are atomic, and what is not belongs to the producer.

    /// Of the memory so much is used again before the rest is touched.
    private static let cachedBytes = 262_144

    let capacity: Int
    private let base: UnsafeMutableRawPointer
    /// Where the producer goes on.
    private let head = Atomic<Int>(0)
    /// Where the consumer goes on.
    private let tail = Atomic<Int>(0)
    /// Where the producer last left the end of the memory unused.
    private let wrap = Atomic<Int>(-1)
    private let dropped = Atomic<Int>(0)
    /// The producer's: bytes at the end of the memory that the line it has reserved room for leaves unused.
    private var skipped = 0

    /// - Parameter capacity: in bytes; rounded up to a power of two.
    init(capacity: Int) {
        var size = 4_096
        while size < capacity { size *= 2 }
        self.capacity = size
        // Pages are taken from the system as they are first written.
        base = .allocate(byteCount: size, alignment: 4_096)
    }

    deinit {
        base.deallocate()
    }

    /// Lines that found no room, or no taker.
    var droppedLines: Int { dropped.load(ordering: .relaxed) }

    /// Bytes that wait, unused ones at the end of the memory included.
    var count: Int {
        let end = head.load(ordering: .sequentiallyConsistent)
        return max(0, end - tail.load(ordering: .relaxed))
    }

    /// From a position to where the memory ends.
    private func unusedBytes(from position: Int) -> Int { capacity - position & (capacity - 1) }

    // MARK: Producer

    /// Queues a line, or counts it as dropped if there is no room for it.
    ///
    /// - Returns: how many bytes waited before, and do now; nil if the line was dropped.
    func append(_ line: UnsafeRawBufferPointer) -> (before: Int, after: Int)? {
        guard let source = line.baseAddress else { return nil }
        guard let room = reserve(line.count) else {
            countDropped()
            return nil
        }
        room.copyMemory(from: source, byteCount: line.count)
        return commit(line.count)
    }

    /// Room for a line of `byteCount` bytes at most, in one piece; nil if there is none. Nothing is queued before `commit`.
    @inline(__always)
    func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        var position = head.load(ordering: .relaxed)
        let waiting = position - tail.load(ordering: .acquiring)
        var left = unusedBytes(from: position)
        if waiting == 0, capacity - left >= Self.cachedBytes {
            position = beginAgain(at: position + left)
            left = capacity
        }
        skipped = left < byteCount ? left : 0
        guard waiting + skipped + byteCount <= capacity else { return nil }
        return base + (position + skipped) & (capacity - 1)
    }

    /// Goes on at the front of the memory, because what was written last is in the processor's cache.
    ///
    /// Only while the queue is empty: then the consumer does not move `tail`. It may see that `tail` is ahead of `head`.
    private func beginAgain(at position: Int) -> Int {
        tail.store(position, ordering: .releasing)
        head.store(position, ordering: .releasing)
        return position
    }

    /// Queues the first `byteCount` bytes of the room that was reserved last.
    ///
    /// - Returns: how many bytes waited before, and do now.
    @inline(__always)
    func commit(_ byteCount: Int) -> (before: Int, after: Int) {
        let position = head.load(ordering: .relaxed)
        let end = position + skipped + byteCount
        if skipped > 0 { wrap.store(position, ordering: .relaxed) }
        let consumed = tail.load(ordering: .relaxed)
        // Sequentially consistent, so that the producer sees a consumer that fell asleep without seeing the line.
        head.store(end, ordering: .sequentiallyConsistent)
        return (position - consumed, position - consumed + byteCount)
    }

    // MARK: Consumer

    /// The lines that lie in one piece at the front of the queue.
    func peek() -> UnsafeRawBufferPointer {
        let end = head.load(ordering: .acquiring)
        var start = tail.load(ordering: .relaxed)
        if end <= start { return UnsafeRawBufferPointer(start: base, count: 0) }
        let mark = wrap.load(ordering: .relaxed)
        // A mark ahead of `end` belongs to a line that is not published yet.
        if start == mark {
            start = (start | (capacity - 1)) + 1
            tail.store(start, ordering: .releasing)
        }
        // A line may have filled the memory to its very end, which leaves no mark.
        let stop = min(mark > start && mark < end ? mark : end, (start | (capacity - 1)) + 1)
        return UnsafeRawBufferPointer(start: base + start & (capacity - 1), count: stop - start)
    }

    /// Gives the room of the first `byteCount` bytes back.
    func consume(_ byteCount: Int) {
        tail.store(tail.load(ordering: .relaxed) + byteCount, ordering: .releasing)
    }

    /// Counts a line that found no room, or no taker.
    func countDropped() {
        dropped.add(1, ordering: .relaxed)
    }

    /// Counts what waits as dropped, and forgets it.
    func abandon() {
        while case let lines = peek(), !lines.isEmpty {
            dropped.add(lines.count { $0 == UInt8(ascii: "\n") }, ordering: .relaxed)
            consume(lines.count)
        }
    }
}
