import EventLoop
import Testing

struct TimerHeapTests {
    private func drain(_ heap: inout TimerHeap<Int>, at now: UInt64) -> [Int] {
        var fired: [Int] = []
        let mark = heap.roundMark
        while let payload = heap.popDue(at: now, before: mark) { fired.append(payload) }
        return fired
    }

    @Test func `timers fire in the order of their deadlines, and of insertion when equal`() {
        var heap = TimerHeap<Int>()
        for (payload, deadline) in [30, 10, 20, 10, 40, 10].enumerated() {
            _ = heap.insert(deadline: UInt64(deadline), payload)
        }
        #expect(heap.earliestDeadline == 10)
        let drained = drain(&heap, at: 30)
        #expect(drained == [1, 3, 5, 2, 0])
        #expect(heap.earliestDeadline == 40)
    }

    @Test func `nothing fires before its deadline`() {
        var heap = TimerHeap<Int>()
        _ = heap.insert(deadline: 100, 1)
        var drained = drain(&heap, at: 99)
        #expect(drained == [])
        drained = drain(&heap, at: 100)
        #expect(drained == [1])
    }

    @Test func `a cancelled timer never fires and its token is dead afterwards`() {
        var heap = TimerHeap<Int>()
        let first = heap.insert(deadline: 1, 1)
        _ = heap.insert(deadline: 2, 2)
        let cancelled = [heap.cancel(first), heap.cancel(first)]
        #expect(cancelled == [1, nil])
        let drained = drain(&heap, at: 10)
        #expect(drained == [2])
    }

    @Test func `a token of a fired timer does not cancel the timer that reuses its slot`() {
        var heap = TimerHeap<Int>()
        let old = heap.insert(deadline: 1, 1)
        var drained = drain(&heap, at: 1)
        #expect(drained == [1])
        _ = heap.insert(deadline: 2, 2)
        let cancelled = heap.cancel(old)
        let isMoved = heap.move(old, to: 50)
        #expect(cancelled == nil)
        #expect(!isMoved)
        drained = drain(&heap, at: 2)
        #expect(drained == [2])
    }

    @Test func `a moved timer fires at its new deadline`() {
        var heap = TimerHeap<Int>()
        let late = heap.insert(deadline: 10, 1)
        let early = heap.insert(deadline: 20, 2)
        let moves = [heap.move(late, to: 30), heap.move(early, to: 5)]
        #expect(moves == [true, true])
        var drained = drain(&heap, at: 10)
        #expect(drained == [2])
        drained = drain(&heap, at: 30)
        #expect(drained == [1])
    }

    @Test func `a timer inserted during a round waits for the next round`() {
        var heap = TimerHeap<Int>()
        _ = heap.insert(deadline: 1, 1)
        let mark = heap.roundMark
        let first = heap.popDue(at: 5, before: mark)
        _ = heap.insert(deadline: 1, 2)
        let second = heap.popDue(at: 5, before: mark)
        #expect(first == 1)
        #expect(second == nil)
        let drained = drain(&heap, at: 5)
        #expect(drained == [2])
    }

    @Test func `removing all returns every payload once`() {
        var heap = TimerHeap<Int>()
        for index in 0..<20 { _ = heap.insert(deadline: UInt64(index * 7 % 20), index) }
        let payloads = heap.removeAll().sorted()
        #expect(payloads == Array(0..<20))
        #expect(heap.count == 0)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `random inserts, moves and cancels agree with a sorted list`(seed: UInt64) {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var heap = TimerHeap<Int>()
        var model: [(token: TimerToken, deadline: UInt64, order: Int, payload: Int)] = []
        var order = 0
        for payload in 0..<2_000 {
            order += 1
            switch random(4) {
            case 0 where !model.isEmpty:
                let victim = model.remove(at: random(model.count))
                let cancelled = heap.cancel(victim.token)
                #expect(cancelled == victim.payload)
            case 1 where !model.isEmpty:
                let index = random(model.count)
                model[index].deadline = UInt64(random(1_000))
                model[index].order = order
                let isMoved = heap.move(model[index].token, to: model[index].deadline)
                #expect(isMoved)
            default:
                let deadline = UInt64(random(1_000))
                model.append((heap.insert(deadline: deadline, payload), deadline, order, payload))
            }
        }
        let expected = model.sorted { ($0.deadline, $0.order) < ($1.deadline, $1.order) }.map(\.payload)
        let drained = drain(&heap, at: 1_000)
        #expect(drained == expected)
    }
}
