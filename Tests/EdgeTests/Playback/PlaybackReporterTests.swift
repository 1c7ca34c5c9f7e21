import JSON
import Synchronization
import Testing

@testable import Edge

/// A scripted edge and origin.
private final class Script: Sendable {
    struct Unreachable: Error {}

    struct State {
        var takings: [PlaybackTaking]
        /// 0 is no answer.
        var answers: [Int]
        var sent: [JSONValue] = []
        var events: [PlaybackReporter.Event] = []
        var now: Int64 = 60
    }

    let state: Mutex<State>

    init(_ takings: [[String: Int]], answers: [Int]) {
        let takings = takings.map { hits in
            PlaybackTaking(
                videos: hits.mapValues { hits in
                    var figures = PlaybackFigures()
                    figures.hits = hits
                    return figures
                })
        }
        state = Mutex(State(takings: takings, answers: answers))
    }

    /// Reports until there is nothing left to take, and once more.
    func run() async -> State {
        let reporter = PlaybackReporter(
            .init(
                take: { [self] in
                    state.withLock { $0.takings.isEmpty ? PlaybackTaking() : $0.takings.removeFirst() }
                },
                send: { [self] report in
                    try state.withLock { state in
                        state.sent.append(try JSONValue.parse(report))
                        let answer = state.answers.isEmpty ? 204 : state.answers.removeFirst()
                        guard answer > 0 else { throw Unreachable() }
                        return answer
                    }
                },
                epochSeconds: { [self] in state.withLock { $0.now } },
                pause: { [self] _ in
                    let isOver = state.withLock { state in
                        state.now += 5
                        return state.takings.count <= 1
                    }
                    if isOver { withUnsafeCurrentTask { $0?.cancel() } }
                })
        ) { [self] event in state.withLock { $0.events.append(event) } }
        await Task { await reporter.report() }.value
        return state.withLock { $0 }
    }
}

@Suite struct PlaybackReporterTests {
    private func hits(_ reports: [JSONValue]) -> [[Int64]] {
        reports.map { report in
            [report["number"]?.integer ?? -1]
                + (report["videos"]?.array?.compactMap { $0["hits"]?.integer }.sorted() ?? [])
        }
    }

    @Test func `what was served is told once it is taken, the last of it at the end`() async {
        let state = await Script([["v": 1, "w": 2], [:], ["v": 4]], answers: []).run()
        #expect(hits(state.sent) == [[1, 1, 2], [2, 4]] && state.events == [.kept, .kept])
        #expect(state.sent.first?["videos"]?[0]?["at"] == 60)
        let runs = Set(state.sent.compactMap { $0["run"]?.string })
        #expect(runs.count == 1 && runs.first?.count == 32)
        let another = await Script([["v": 1]], answers: []).run()
        #expect(another.sent.first?["run"]?.string != runs.first, "a process is told from the one before it")
    }

    @Test func `a report without an answer comes again as it was, and later ones wait`() async {
        let state = await Script([["v": 1], ["v": 2], ["v": 4], ["v": 8]], answers: [0, 503, 403, 204, 204]).run()
        #expect(hits(state.sent) == [[1, 1], [1, 1], [1, 1], [1, 1], [2, 14]])
        #expect(state.events == [.failed, .failed, .failed, .kept, .kept])
        #expect(Set(state.sent.prefix(4).map { $0.serialized() }).count == 1)
    }

    @Test func `a report that is refused for good is dropped and counted`() async {
        let state = await Script([["v": 3], ["v": 1]], answers: [400, 204]).run()
        #expect(hits(state.sent) == [[1, 3], [2, 1]])
        #expect(state.events == [.refused(status: 400, requests: 3), .kept])
    }
}
