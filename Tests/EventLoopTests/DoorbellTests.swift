import EventLoop
import Testing

@Suite struct DoorbellTests {
    @Test func `a ring before the wait is not lost`() async {
        let bell = Doorbell()
        let known = bell.rings
        bell.ring()
        await bell.wait(after: known, upTo: .seconds(60))
        #expect(bell.rings == known + 1)
    }

    @Test func `everyone who waits is woken`() async {
        let bell = Doorbell()
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { await bell.wait(after: 0, upTo: .seconds(60)) } }
            group.addTask { bell.ring() }
        }
        #expect(bell.rings == 1)
    }

    @Test func `the time limit and a cancellation end a wait, however short`() async {
        let bell = Doorbell()
        for _ in 0..<200 { await bell.wait(after: 0, upTo: .nanoseconds(1)) }
        let task = Task { await bell.wait(after: 0, upTo: .seconds(3_600)) }
        task.cancel()
        await task.value
        #expect(bell.rings == 0)
    }
}
