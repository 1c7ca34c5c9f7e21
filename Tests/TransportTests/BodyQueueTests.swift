import Synchronization
import Testing
import Transport

struct BodyQueueTests {
    private struct Cut: Error, Equatable {}
    private typealias Queue = BodyQueue<Cut>

    private func chunk(_ answer: Queue.Answer) -> [UInt8]? {
        guard case .success(let chunk) = answer.next else { return nil }
        return chunk
    }

    @Test func `a queue pauses when full and goes on at half`() {
        var queue = Queue(highWater: 8)
        #expect(!queue.receive([1, 2, 3, 4]).pauses)
        #expect(!queue.receive([5, 6]).pauses)
        #expect(queue.receive([7, 8]).pauses)
        var answer = queue.take()
        #expect(chunk(answer) == [1, 2, 3, 4])
        #expect(answer.resumesProducer)
        answer = queue.take()
        #expect(chunk(answer) == [5, 6])
        #expect(!answer.resumesProducer)
        #expect(chunk(queue.take()) == [7, 8])
        #expect(queue.take().next == nil)
    }

    @Test func `what came is read before the end`() {
        var queue = Queue(highWater: 8)
        _ = queue.receive([1])
        _ = queue.finish(Cut())
        #expect(chunk(queue.take()) == [1])
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

    @Test func `a waiting reader gets the next chunk past the queue`() async throws {
        let shared = Mutex(Queue(highWater: 4))
        let next = await withCheckedContinuation { (reader: Queue.Reader) in
            let (waiting, pauses) = shared.withLock { queue in
                let answer = queue.wait(reader)
                #expect(answer.next == nil)
                return queue.receive([1, 2, 3, 4, 5])
            }
            #expect(!pauses)
            waiting?.resume(returning: .success([1, 2, 3, 4, 5]))
        }
        #expect(try next.get() == [1, 2, 3, 4, 5])
        #expect(shared.withLock { $0.take().next } == nil)
    }
}
