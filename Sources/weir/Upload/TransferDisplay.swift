import Daemon
import Glibc
import UploadView

/// Says how far bytes are on their way until its task is cancelled: on a terminal by a line that is drawn over, otherwise by one
/// every few seconds.
struct TransferDisplay: Sendable {
    private let word: String
    private let total: Int64
    private let position: @Sendable () -> Int64
    private let trouble: @Sendable () -> String?
    private let isTerminal = isatty(1) == 1

    /// `word` says what goes on, such as `uploading`.
    init(
        _ word: String, total: Int64, position: @escaping @Sendable () -> Int64,
        trouble: @escaping @Sendable () -> String? = { nil }
    ) {
        self.word = word
        self.total = total
        self.position = position
        self.trouble = trouble
    }

    /// Runs `work` and shows how far it is.
    static func during<Result>(
        _ display: TransferDisplay?, _ work: () async throws -> Result
    ) async throws -> Result {
        guard let display else { return try await work() }
        let drawing = Task { await display.run() }
        func end() async {
            drawing.cancel()
            await drawing.value
            display.clear()
        }
        do {
            let result = try await work()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func run() async {
        let begun = ContinuousClock.now
        var (rate, lastNews) = (TransferRate(), begun)
        repeat {
            let now = ContinuousClock.now
            rate.note(position(), at: (now - begun) / .seconds(1))
            let line = TransferLine(
                bytes: position(), total: total, bytesPerSecond: rate.bytesPerSecond, trouble: trouble())
            if isTerminal {
                Terminal.output("\r\(line.text(width: TerminalScreen.size?.columns ?? 80))\u{1b}[K")
            } else if now - lastNews >= .seconds(5) {
                Terminal.output(line.news(word) + "\n")
                lastNews = now
            }
        } while (try? await Task.sleep(for: .milliseconds(200))) != nil
    }

    private func clear() {
        if isTerminal { Terminal.output("\r\u{1b}[K") }
    }
}
