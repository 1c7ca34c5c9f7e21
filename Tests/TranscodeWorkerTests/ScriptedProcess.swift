import Glibc
import Synchronization
import Transcode

@testable import TranscodeWorker

/// Says what a test wants a child to say.
final class ScriptedProcess: TranscodeProcess {
    enum Step: Sendable {
        case says(TranscodeEvent)
        case bytes([UInt8])
        /// Says nothing until it is killed.
        case hangs
        /// Says nothing until the gate is open.
        case waits(Gate)
    }

    /// Closed until a test opens it.
    final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func pass(unless isOver: () -> Bool) {
            while !isOpen.withLock({ $0 }), !isOver() { usleep(1000) }
        }
    }

    private struct State {
        var steps: [Step]
        var isKilled = false
        var isCollected = false
    }

    private let state: Mutex<State>
    /// A pipe that ends when the process is killed.
    private let alive: (reading: Int32, writing: Int32)
    private let exit: ProcessExit

    init(_ steps: [Step], exit: ProcessExit = ProcessExit(code: 0, signal: 0, words: "")) {
        state = Mutex(State(steps: steps))
        self.exit = exit
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        alive = (ends[0], ends[1])
    }

    deinit {
        kill()
        close(alive.reading)
    }

    convenience init(events: [TranscodeEvent]) { self.init(events.map { .says($0) }) }

    var isKilled: Bool { state.withLock { $0.isKilled } }
    var isCollected: Bool { state.withLock { $0.isCollected } }

    func read() -> [UInt8]? {
        let step = state.withLock { $0.steps.isEmpty || $0.isKilled ? nil : $0.steps.removeFirst() }
        switch step {
        case nil: return nil
        case .says(let event): return event.encoded
        case .bytes(let bytes): return bytes
        case .hangs:
            var byte: UInt8 = 0
            while Glibc.read(alive.reading, &byte, 1) < 0, errno == EINTR {}
            return nil
        case .waits(let gate):
            gate.pass { isKilled }
            return []
        }
    }

    func kill() {
        let isFirst = state.withLock { state in
            defer { state.isKilled = true }
            return !state.isKilled
        }
        if isFirst { close(alive.writing) }
    }

    func wait() -> ProcessExit {
        state.withLock { state in
            let wasDone = state.steps.isEmpty
            state.isCollected = true
            return state.isKilled && !wasDone ? ProcessExit(code: -1, signal: SIGKILL, words: "") : exit
        }
    }
}
