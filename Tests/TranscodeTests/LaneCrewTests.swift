import Glibc
import Synchronization
import Testing

@testable import Transcode

@Suite struct LaneCrewTests {
    private struct Refusal: Error, Equatable { let lane: Int }

    /// What the threads of a crew have done.
    private final class Record: Sendable {
        struct State {
            var done: [[Int]]
            var inside: [Int]
            var most = 0
            var overlaps = 0
        }

        let state: Mutex<State>

        init(lanes: Int) {
            state = Mutex(State(done: Array(repeating: [], count: lanes), inside: Array(repeating: 0, count: lanes)))
        }

        /// Does `item` of `lane` in some time, and notices who else is there.
        func work(on item: Int, of lane: Int) -> [String] {
            state.withLock { state in
                state.inside[lane] += 1
                state.overlaps += state.inside[lane] > 1 ? 1 : 0
                state.most = max(state.most, state.inside.reduce(0, +))
            }
            usleep(UInt32((item * 7 + lane * 3) % 5) * 200)
            state.withLock { state in
                state.done[lane].append(item)
                state.inside[lane] -= 1
            }
            return item.isMultiple(of: 10) ? ["\(lane): \(item)"] : []
        }
    }

    @Test(arguments: [1, 2, 3, 8])
    func `a lane does everything in order and by one thread at a time`(threads: Int) async throws {
        try await apart {
            let (record, count) = (Record(lanes: 3), 200)
            let lanes = (0..<3).map { lane in { (item: Int) in record.work(on: item, of: lane) } }
            let crew = try LaneCrew(lanes: lanes, threads: threads)
            var made: [String] = []
            for item in 0..<count { made += try crew.put((0..<3).map { (lane: $0, item: item) }) }
            made += try crew.finish()
            let state = record.state.withLock { $0 }
            #expect(state.done == Array(repeating: Array(0..<count), count: 3))
            #expect(state.overlaps == 0)
            #expect((threads > 1 ? 2 : 1)...min(threads, 3) ~= state.most)
            for lane in 0..<3 {
                let expected = stride(from: 0, to: count, by: 10).map { "\(lane): \($0)" }
                #expect(made.filter { $0.hasPrefix("\(lane)") } == expected)
            }
        }
    }

    @Test func `what waits in a slow lane is bounded, and all that the others make comes out`() async throws {
        try await apart {
            let begun = Mutex(0)
            let slow: LaneCrew<Int, Int>.Lane = { _ in
                begun.withLock { $0 += 1 }
                usleep(2000)
                return []
            }
            let crew = try LaneCrew<Int, Int>(lanes: [slow, { [$0] }], threads: 2)
            var made: [Int] = []
            for item in 0..<50 {
                made += try crew.put([(lane: 0, item: item), (lane: 1, item: item)])
                // One more has been taken by whoever is about to begin it.
                #expect(item + 1 - begun.withLock { $0 } <= LaneCrew<Int, Int>.usualDepth + 1)
            }
            made += try crew.finish()
            #expect(begun.withLock { $0 } == 50)
            #expect(made == Array(0..<50))
        }
    }

    @Test(arguments: [1, 2, 4])
    func `what a lane throws ends all work and is thrown to whoever puts`(threads: Int) async throws {
        try await apart {
            let done = Mutex(0)
            let crew = try LaneCrew<Int, Int>(
                lanes: [
                    { _ in
                        done.withLock { $0 += 1 }
                        return []
                    }, { if $0 == 5 { throw Refusal(lane: 1) } else { return [] } },
                ], threads: threads)
            let error = #expect(throws: Refusal.self) {
                for item in 0..<10_000 { _ = try crew.put([(lane: 0, item: item), (lane: 1, item: item)]) }
                _ = try crew.finish()
            }
            #expect(error == Refusal(lane: 1))
            #expect(done.withLock { $0 } < 100)
            #expect(throws: Refusal(lane: 1)) { try crew.put([(lane: 0, item: 1)]) }
            #expect(throws: Refusal(lane: 1)) { try crew.finish() }
        }
    }

    @Test func `a crew that is let go begins nothing more and leaves no thread behind`() async throws {
        try await apart {
            let record = Record(lanes: 4)
            do {
                let lanes = (0..<4).map { lane in { (item: Int) in record.work(on: item, of: lane) } }
                let crew = try LaneCrew(lanes: lanes, threads: 4)
                for item in 0..<20 { _ = try crew.put((0..<4).map { (lane: $0, item: item) }) }
            }
            let done = record.state.withLock { $0.done.map(\.count).reduce(0, +) }
            usleep(20_000)
            #expect(record.state.withLock { $0.inside.allSatisfy { $0 == 0 } })
            #expect(record.state.withLock { $0.done.map(\.count).reduce(0, +) } == done)
        }
    }
}
