import JSON
import Synchronization
import Testing

@testable import Edge

/// A scripted origin and a cache that only takes notes.
private final class Script: Sendable {
    struct Failed: Error {}

    struct State {
        var answers: [LogAnswer?] = []
        var asked: [LogPosition?] = []
        var waits: [Bool] = []
        var notes: [String] = []
        var position: LogPosition?
        var failsToCarryOut: Int64?
        var left: LogPosition?
    }

    let state: Mutex<State>

    init(_ answers: [LogAnswer?], position: LogPosition? = nil) {
        state = Mutex(State(answers: answers, position: position))
    }

    var notes: [String] { state.withLock { $0.notes } }
    var position: LogPosition? { state.withLock { $0.position } }
    var asked: [LogPosition?] { state.withLock { $0.asked } }
    var waits: [Bool] { state.withLock { $0.waits } }

    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    /// Follows until the script is at its end.
    func run() async {
        let follower = LogFollower(
            .init(
                ask: { [self] position, waits in
                    let answer = state.withLock { state -> LogAnswer?? in
                        state.asked.append(position)
                        state.waits.append(waits)
                        return state.answers.isEmpty ? nil : .some(state.answers.removeFirst())
                    }
                    guard let answer else {
                        withUnsafeCurrentTask { $0?.cancel() }
                        throw CancellationError()
                    }
                    guard let answer else { throw Failed() }
                    return answer
                },
                leave: { [self] position in state.withLock { $0.left = position } },
                carryOut: { [self] entry, _ in
                    if state.withLock({ $0.failsToCarryOut == entry.sequence }) {
                        state.withLock { $0.failsToCarryOut = nil }
                        throw Failed()
                    }
                    note("carry out \(entry.sequence)")
                },
                learnKeys: { [self] _, position in note("keys of \(position.sequence)") },
                dropCache: { [self] _ in note("drop") },
                readPosition: { [self] in position },
                writePosition: { [self] position in
                    state.withLock { $0.position = position }
                    note("at \(position.sequence)")
                },
                pause: { [self] duration in note("pause \(duration)") })
        ) { [self] event in
            if case .interrupted = event { note("interrupted") }
        }
        await Task { await follower.run() }.value
    }
}

private func entries(_ numbers: ClosedRange<Int64>, end: Int64) -> LogAnswer {
    .entries(
        numbers.map { LogAnswer.Entry(sequence: $0, order: .null) }, end: LogPosition(logId: "L", sequence: end))
}

@Suite struct LogFollowerTests {
    private let three = LogPosition(logId: "L", sequence: 3)

    @Test func `orders are carried out in order, then the position is written, then asked from`() async {
        let script = Script([entries(4...5, end: 5), entries(6...6, end: 6)], position: three)
        await script.run()
        #expect(script.notes == ["carry out 4", "carry out 5", "at 5", "carry out 6", "at 6"])
        #expect(script.asked.map { $0?.sequence } == [3, 5, 6])
        #expect(script.state.withLock { $0.left?.sequence } == 6, "and says goodbye")
    }

    @Test func `an answer without orders changes nothing`() async {
        let script = Script([.entries([], end: three)], position: three)
        await script.run()
        #expect(script.notes.isEmpty)
        #expect(script.asked == [three, three])
    }

    @Test func `an edge without a position drops its cache and goes on from the log's end`() async {
        let script = Script([.entries([], end: LogPosition(logId: "L", sequence: 9))])
        await script.run()
        #expect(script.notes == ["drop", "at 9"])
        #expect(script.asked == [nil, LogPosition(logId: "L", sequence: 9)])
    }

    @Test func `an edge that was away longer than the log reaches back drops its cache`() async {
        let script = Script([.lost(end: LogPosition(logId: "M", sequence: 2))], position: three)
        await script.run()
        #expect(script.notes == ["drop", "at 2"])
        #expect(script.position == LogPosition(logId: "M", sequence: 2))
    }

    @Test func `keys that come with an answer are learnt before anything else`() async {
        let end = LogPosition(logId: "L", sequence: 9)
        let new = Script([.entries([], end: end, keys: ["groups": [:]])])
        await new.run()
        #expect(new.notes == ["keys of 9", "drop", "at 9"])
        let lost = Script([.lost(end: end, keys: ["groups": [:]])], position: three)
        await lost.run()
        #expect(lost.notes == ["keys of 9", "drop", "at 9"])
        let behind = Script(
            [.entries([LogAnswer.Entry(sequence: 4, order: .null)], end: end, keys: ["groups": [:]])],
            position: three)
        await behind.run()
        #expect(behind.notes == ["keys of 9", "carry out 4", "at 4"])
    }

    @Test func `an order that fails is not acknowledged, and tried again`() async {
        let script = Script([entries(4...5, end: 5), entries(4...5, end: 5)], position: three)
        script.state.withLock { $0.failsToCarryOut = 5 }
        await script.run()
        #expect(
            script.notes == [
                "carry out 4", "interrupted", "pause 0.2 seconds", "carry out 4", "carry out 5", "at 5",
            ])
        #expect(script.asked.map { $0?.sequence } == [3, 3, 5])
    }

    @Test func `an origin that is away is asked less and less often, and complained of once`() async {
        let script = Script([nil, nil, nil, .entries([], end: three), nil], position: three)
        await script.run()
        #expect(
            script.notes == [
                "interrupted", "pause 0.2 seconds", "pause 0.4 seconds", "pause 0.8 seconds", "interrupted",
                "pause 0.2 seconds",
            ])
    }

    @Test func `it lets the origin wait only where nothing is left to do`() async {
        let script = Script(
            [entries(4...5, end: 6), entries(6...6, end: 6), .entries([], end: three), nil, .entries([], end: three)],
            position: three)
        await script.run()
        #expect(script.waits == [false, false, true, true, false, true])
    }

    @Test func `orders with a gap before them are refused`() async {
        let script = Script([entries(5...6, end: 6)], position: three)
        await script.run()
        #expect(script.notes == ["interrupted", "pause 0.2 seconds"])
        #expect(script.position == three)
    }
}

@Suite struct LogAnswerTests {
    private func answer(_ text: String, status: Int = 200) throws -> LogAnswer {
        try LogAnswer(status: status, body: Array(text.utf8))
    }

    @Test func `orders are read with their numbers`() throws {
        let text = #"{"log":"L","latest":2,"entries":[{"sequence":2,"order":{"purge":{"all":true}}}]}"#
        #expect(
            try answer(text)
                == .entries(
                    [LogAnswer.Entry(sequence: 2, order: ["purge": ["all": true]])],
                    end: LogPosition(logId: "L", sequence: 2)))
        #expect(
            try answer(#"{"log":"L","latest":7}"#, status: 410) == .lost(end: LogPosition(logId: "L", sequence: 7)))
    }

    @Test(arguments: [
        "", "{}", #"{"log":"L","latest":1}"#, #"{"log":"","latest":1,"entries":[]}"#,
        #"{"log":"a b","latest":1,"entries":[]}"#, #"{"log":"L","latest":-1,"entries":[]}"#,
        #"{"log":"L","latest":3,"entries":[{"sequence":1,"order":{}},{"sequence":3,"order":{}}]}"#,
        #"{"log":"L","latest":3,"entries":[{"sequence":1}]}"#,
    ])
    func `an answer that is no log is refused`(_ text: String) {
        #expect(throws: LogAnswer.Refused.self) { try answer(text) }
    }

    @Test func `a refusal says what the origin said`() {
        #expect {
            try answer(#"{"error":"the clock is off"}"#, status: 403)
        } throws: { error in
            "\(error)" == "the origin answers 403 the clock is off"
        }
    }
}

@Suite struct LogPositionTests {
    @Test func `a position survives the disk`() {
        let position = LogPosition(logId: "0123abcd", sequence: 42)
        #expect(LogPosition(line: position.line) == position)
    }

    @Test(arguments: ["", "\n", "L", "L x", "L -1", "L 1 2", "L 99999999999999999999"])
    func `anything else is no position`(_ text: String) {
        #expect(LogPosition(line: Array(text.utf8)) == nil)
    }
}
