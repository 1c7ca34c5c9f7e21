import Daemon
import Glibc
import UploadView

/// Says how far a video is: on a terminal one line that is drawn over, otherwise a line per step.
struct ProgressDisplay {
    private let watchPage: String
    private let started: ContinuousClock.Instant
    private let isTerminal = isatty(1) == 1
    private var said: UploadState?
    private var isLineOpen = false

    init(watchPage: String, since started: ContinuousClock.Instant) {
        self.watchPage = watchPage
        self.started = started
    }

    mutating func show(_ state: UploadState) {
        let line = ProgressLine(state)
        if state.isPlayable && said?.isPlayable != true {
            end()
            Terminal.output("  playable after \(started.elapsed): \(watchPage)\n")
        }
        if state.status == "ready" || state.status == "failed" {
            end()
            if state.status == "ready" { Terminal.output("  ready after \(started.elapsed): \(watchPage)\n") }
        } else if isTerminal {
            Terminal.output("\r\(line.text(width: TerminalScreen.size?.columns ?? 80))\u{1b}[K")
            isLineOpen = true
        } else if let news = line.news(since: said) {
            Terminal.output(news + "\n")
        }
        said = state
    }

    /// Leaves the line to what comes next.
    mutating func end() {
        if isLineOpen { Terminal.output("\r\u{1b}[K") }
        isLineOpen = false
    }
}

extension ContinuousClock.Instant {
    /// Seconds since this instant with two decimals, for people.
    var elapsed: String {
        let hundredths = (ContinuousClock.now - self) / .milliseconds(10)
        return "\(Int(hundredths) / 100).\(Int(hundredths) % 100 < 10 ? "0" : "")\(Int(hundredths) % 100) s"
    }
}
