import EventLoop
import Synchronization
import Testing

/// What each submitter's work left behind, in order of arrival.
private final class Arrivals: Sendable {
    private let state: Mutex<[[Int]]>

    init(submitters: Int) {
        state = Mutex(Array(repeating: [], count: submitters))
    }

    var lists: [[Int]] { state.withLock { $0 } }

    func add(_ value: Int, from submitter: Int) {
        state.withLock { $0[submitter].append(value) }
    }
}

struct ExecutorTests {
    /// Runs `body` with a loop and joins it afterwards.
    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(name: "test")
        do {
            try await body(loop)
        } catch {
            await loop.shutdown()
            throw error
        }
        await loop.shutdown()
    }

    @Test func `a task that prefers a loop runs on its thread before and after every suspension`() async throws {
        try await withLoop { loop in
            let visits = await Task(executorPreference: loop) {
                var visits = [loop.isOnLoop]
                await Task.yield()
                visits.append(loop.isOnLoop)
                try? await loop.sleep(for: .milliseconds(1))
                visits.append(loop.isOnLoop)
                return visits
            }.value
            #expect(visits == [true, true, true])
            #expect(!loop.isOnLoop)
        }
    }

    @Test func `child tasks inherit the loop`() async throws {
        try await withLoop { loop in
            let count = await Task(executorPreference: loop) {
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<50 { group.addTask { loop.isOnLoop } }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
            }.value
            #expect(count == 50)
        }
    }

    @Test func `work from many threads arrives complete, and in order per submitter`() async throws {
        try await withLoop { loop in
            let seen = Arrivals(submitters: 8)
            await withTaskGroup(of: Void.self) { group in
                for submitter in 0..<8 {
                    group.addTask {
                        for index in 0..<500 {
                            loop.submit { seen.add(index, from: submitter) }
                        }
                    }
                }
            }
            try await loop.run {}
            #expect(seen.lists == Array(repeating: Array(0..<500), count: 8))
        }
    }

    @Test func `run hands back results and errors`() async throws {
        struct Refusal: Error {}
        try await withLoop { loop in
            let isOnLoop = try await loop.run { loop.isOnLoop }
            #expect(isOnLoop)
            await #expect(throws: Refusal.self) { try await loop.run { throw Refusal() } }
        }
    }

    @Test func `shutdown runs what was queued, joins, and may be repeated`() async throws {
        let loop = try EventLoop()
        let counter = Atomic<Int>(0)
        for _ in 0..<100 {
            loop.submit { counter.add(1, ordering: .relaxed) }
        }
        await loop.shutdown()
        #expect(counter.load(ordering: .relaxed) == 100)
        await loop.shutdown()
        loop.submit { counter.add(1, ordering: .relaxed) }
        #expect(counter.load(ordering: .relaxed) == 100)
    }

    @Test func `a group hands out its loops in turn and knows the current one`() async throws {
        let group = try EventLoopGroup(loops: 3, name: "turn")
        let names = Set((0..<3).map { _ in group.next().name })
        #expect(names == ["turn-0", "turn-1", "turn-2"])
        #expect(group.current == nil)
        let second = group.loops[1]
        let isCurrent = try await second.run { group.current === second }
        #expect(isCurrent)
        await group.shutdown()
    }

    // MARK: Timers

    @Test func `a timer fires on the loop and not before its time`() async throws {
        try await withLoop { loop in
            let start = MonotonicClock.nanoseconds()
            let end: UInt64 = await withCheckedContinuation { continuation in
                loop.submit {
                    loop.scheduleOnLoop(after: .milliseconds(15)) {
                        loop.assertOnLoop()
                        continuation.resume(returning: MonotonicClock.nanoseconds())
                    }
                }
            }
            #expect(end - start >= 15_000_000)
        }
    }

    @Test func `a cancelled timer stays silent and a moved one keeps its closure`() async throws {
        try await withLoop { loop in
            let fired: [String] = await withCheckedContinuation { continuation in
                loop.submit {
                    var fired: [String] = []
                    let cancelled = loop.scheduleOnLoop(after: .milliseconds(1)) { fired.append("cancelled") }
                    let moved = loop.scheduleOnLoop(after: .seconds(3_600)) { fired.append("moved") }
                    loop.scheduleOnLoop(after: .milliseconds(10)) { continuation.resume(returning: fired) }
                    #expect(loop.cancelOnLoop(cancelled))
                    #expect(!loop.cancelOnLoop(cancelled))
                    #expect(loop.rescheduleOnLoop(moved, after: .milliseconds(2)))
                }
            }
            #expect(fired == ["moved"])
        }
    }

    @Test func `a timer that reschedules itself without delay does not starve submitted work`() async throws {
        try await withLoop { loop in
            let isDone = Atomic<Bool>(false)
            try await loop.run {
                func again() {
                    if !isDone.load(ordering: .relaxed) { loop.scheduleOnLoop(after: .zero, again) }
                }
                again()
            }
            let isAlive = try await loop.run { true }
            #expect(isAlive)
            isDone.store(true, ordering: .relaxed)
        }
    }

    // MARK: Sleep

    @Test func `a cancelled sleep ends at once, from the loop and from elsewhere`() async throws {
        try await withLoop { loop in
            let onLoop = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3_600)) }
            let elsewhere = Task { try await loop.sleep(for: .seconds(3_600)) }
            try await loop.run {}
            onLoop.cancel()
            elsewhere.cancel()
            await #expect(throws: CancellationError.self) { try await onLoop.value }
            await #expect(throws: CancellationError.self) { try await elsewhere.value }
        }
    }

    @Test func `shutdown wakes sleeping tasks`() async throws {
        let loop = try EventLoop()
        let sleeper = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3_600)) }
        try await loop.run {}
        await loop.shutdown()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test func `a deadline cancels a slow operation and lets a quick one through`() async throws {
        try await withLoop { loop in
            let result = try await loop.withDeadline(.seconds(60)) { 7 }
            #expect(result == 7)
            await #expect(throws: DeadlineExceeded(limit: .milliseconds(5))) {
                try await loop.withDeadline(.milliseconds(5)) {
                    try await loop.sleep(for: .seconds(3_600))
                    return 7
                }
            }
        }
    }
}
