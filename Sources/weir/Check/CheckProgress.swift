import Conformance
import Daemon
import Glibc
import Synchronization

/// Says on standard error how far a check is, once it takes more than a second.
final class CheckProgress: Sendable {
    private struct State {
        var next: ContinuousClock.Instant
        var hasSpoken = false
    }

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State(next: .now + .seconds(1)))

    func note(_ progress: ConformanceCheck.Progress) {
        let isDue = state.withLock { state in
            guard ContinuousClock.now >= state.next else { return false }
            state.next = .now + (isTerminal ? .milliseconds(200) : .seconds(10))
            state.hasSpoken = true
            return true
        }
        guard isDue else { return }
        let line =
            "\(progress.segments) segments, \(progress.bytes >> 20) MiB measured; "
            + "\(progress.knownSegments - progress.segments) to go in \(progress.playlist)"
        Terminal.error(isTerminal ? "\r\u{1b}[K\(line)" : "\(line)\n")
    }

    /// Takes the line away again.
    func end() {
        if isTerminal, state.withLock({ $0.hasSpoken }) { Terminal.error("\r\u{1b}[K") }
    }
}
