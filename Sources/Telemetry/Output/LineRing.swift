internal import Synchronization

/// A bounded queue of lines from one thread to one other, without a lock.
///
/// A line lies in one piece: where the rest of the memory is too short for it, it begins at the front. Positions count bytes
/// from the beginning of time; the memory is theirs modulo `capacity`.
final class LineRing: @unchecked Sendable {
    // Sendable because bytes between `tail` and `head` are only read, by the consumer, and all others only written, by the
    // producer; the positions are atomic.

    let capacity: Int
    private let base: UnsafeMutableRawPointer
    /// Where the producer goes on.
    private let head = Atomic<Int>(0)
    /// Where the consumer goes on.
    private let tail = Atomic<Int>(0)
    /// Where the producer last left the end of the memory unused.
    private let wrap = Atomic<Int>(-1)
    private let dropped = Atomic<Int>(0)

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
    var count: Int { head.load(ordering: .sequentiallyConsistent) - tail.load(ordering: .relaxed) }

    // MARK: Producer

    /// Queues a line; false, and counted, if there is no room for it.
    ///
    /// - Returns: how many bytes waited before, and do now; nil if the line was dropped.
    func append(_ line: UnsafeRawBufferPointer) -> (before: Int, after: Int)? {
        guard let source = line.baseAddress else { return nil }
        var position = head.load(ordering: .relaxed)
        let consumed = tail.load(ordering: .acquiring)
        let before = position - consumed
        let offset = position & (capacity - 1)
        if capacity - offset < line.count {
            let skipped = capacity - offset
            guard before + skipped + line.count <= capacity else { return drop() }
            wrap.store(position, ordering: .relaxed)
            position += skipped
        } else if before + line.count > capacity {
            return drop()
        }
        (base + position & (capacity - 1)).copyMemory(from: source, byteCount: line.count)
        // Sequentially consistent, so that the producer sees a consumer that fell asleep without seeing the line.
        head.store(position + line.count, ordering: .sequentiallyConsistent)
        return (before, position + line.count - consumed)
    }

    private func drop() -> (before: Int, after: Int)? {
        countDropped()
        return nil
    }

    // MARK: Consumer

    /// The lines that lie in one piece at the front of the queue.
    func peek() -> UnsafeRawBufferPointer {
        let end = head.load(ordering: .acquiring)
        var start = tail.load(ordering: .relaxed)
        let mark = wrap.load(ordering: .relaxed)
        // A mark ahead of `end` belongs to a line that is not published yet.
        if start == mark, end > start {
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
