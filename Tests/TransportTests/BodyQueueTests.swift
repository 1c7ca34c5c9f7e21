import Synchronization
import Testing
import Transport

struct BodyQueueTests {
    private struct Cut: Error, Equatable {}
    private typealias Queue = BodyQueue<Cut>

    private func piece(_ answer: Queue.Answer) -> [UInt8]? {
        guard case .success(let piece) = answer.next else { return nil }
        return piece
    }

    @Test func `a queue pauses when full and goes on when it is emptied`() {
        var queue = Queue(highWater: 8)
        #expect(!queue.receive([1, 2, 3, 4]).pauses)
        #expect(!queue.receive([5, 6]).pauses)
        #expect(queue.receive([7, 8, 9]).pauses)
        let answer = queue.take()
        #expect(piece(answer) == [1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(answer.resumesProducer)
        #expect(queue.take().next == nil)
        #expect(!queue.receive([10]).pauses)
        let last = queue.take()
        #expect(piece(last) == [10])
        #expect(!last.resumesProducer)
    }

    @Test func `a piece keeps its bytes while later ones come, and its memory is used again afterwards`() {
        var queue = Queue(highWater: 8)
        _ = queue.receive([1, 1])
        let held = piece(queue.take())
        _ = queue.receive([2, 2])
        #expect(held == [1, 1])
        #expect(piece(queue.take()) == [2, 2])
        var places: Set<UInt> = []
        for round in UInt8(3)...9 {
            _ = queue.receive([round, round])
            piece(queue.take())?.withUnsafeBytes { _ = places.insert(UInt(bitPattern: $0.baseAddress)) }
        }
        #expect(places.count == 1)
    }

    @Test func `what came is read before the end`() {
        var queue = Queue(highWater: 8)
        _ = queue.receive([1])
        _ = queue.finish(Cut())
        #expect(piece(queue.take()) == [1])
        for _ in 1...2 {
            guard case .failure(Cut()) = queue.take().next else {
                Issue.record("the failure is not reported")
                return
            }
        }
    }

    @Test func `a clean end is an answer, not a wait`() {
        var queue = Queue(highWater: 8)
        #expect(queue.finish() == nil)
        guard case .success(nil) = queue.take().next else {
            Issue.record("the end is not reported")
            return
        }
    }

    /// The bytes that fill the queue may come between a reader's look and its wait.
    @Test func `a reader answered while it begins to wait resumes the producer`() async {
        let shared = Mutex(Queue(highWater: 8))
        let resumed = Mutex(false)
        _ = await withCheckedContinuation { (reader: Queue.Reader) in
            let answer = shared.withLock { queue in
                _ = queue.receive([1, 2, 3, 4])
                _ = queue.receive([5, 6, 7, 8])
                return queue.wait(reader)
            }
            resumed.withLock { $0 = answer.resumesProducer }
            if let next = answer.next { reader.resume(returning: next) }
        }
        #expect(resumed.withLock { $0 })
    }

    @Test func `a waiting reader gets what comes next at once`() async throws {
        let shared = Mutex(Queue(highWater: 4))
        let next = await withCheckedContinuation { (reader: Queue.Reader) in
            let receipt = shared.withLock { queue in
                let answer = queue.wait(reader)
                #expect(answer.next == nil)
                return queue.receive([1, 2, 3, 4, 5])
            }
            #expect(!receipt.pauses)
            receipt.deliver()
        }
        #expect(try next.get() == [1, 2, 3, 4, 5])
        #expect(shared.withLock { $0.take().next } == nil)
    }
}

extension BodyQueue {
    fileprivate mutating func receive(_ bytes: [UInt8]) -> Receipt { bytes.withUnsafeBytes { receive($0) } }
}
