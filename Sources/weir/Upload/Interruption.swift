import Daemon
import EventLoop
import Glibc
import Synchronization

/// What Ctrl-C, or a request to end, does to a command whose work can be gone on with: it says how, and ends at once. Nothing
/// needs to be put away: what there is to know is on the disk and at the origin.
final class Interruption: Sendable {
    private let advice: Mutex<String>

    /// Says `advice` until there is another.
    init(_ advice: String) { self.advice = Mutex(advice) }

    /// What is said from now on.
    func advise(_ text: String) { advice.withLock { $0 = text } }

    /// Ends the process as a shell expects it: 128 and the signal's number.
    func watch(on loop: EventLoop) async throws {
        try await loop.run { [self] in
            _ = try SignalWatcher.watchOnLoop(loop, [.interrupt, .terminate]) { [self] signal in
                Terminal.error("\n\(advice.withLock { $0 })\n")
                _exit(128 + signal.rawValue)
            }
        }
    }
}
