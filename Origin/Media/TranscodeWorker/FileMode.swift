internal import Daemon
internal import EventLoop
internal import Glibc
internal import JSON
internal import Presentation
internal import Synchronization
internal import Transcode

/// `--input FILE --output DIRECTORY`: one file through the same jailed child into a folder, without an origin.
public enum FileMode {
    /// Returns the exit status.
    public static func run(input: String, output: String) async -> Int32 {
        let descriptor = open(input, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            Terminal.error("weir-transcoder: cannot open \(input)\n")
            return 66
        }
        defer { close(descriptor) }
        let began = MonotonicClock.nanoseconds()
        let seconds: @Sendable () -> String = {
            let milliseconds = (MonotonicClock.nanoseconds() - began) / 1_000_000
            return "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
        }
        do {
            let pool = try BlockingPool(name: "child", threads: 1, queueLimit: 4)
            let child = try await pool.run { try ChildProcess(input: descriptor, limits: .init()) }
            let run = JobRun(
                child: child, destination: DirectoryDestination(directory: output), pool: pool,
                observer: .init(
                    started: { Terminal.output("\(seconds()) s: \($0.explanation)\n") }, progressed: { _ in },
                    becamePlayable: { _ in Terminal.output("\(seconds()) s: playable\n") }))
            let result = try await run.run()
            Terminal.output("\(seconds()) s: complete, \(result.durationSeconds) s of film\n")
            Terminal.output("\(result.presentation.renditionsJSON(isFinal: true))\n\(result.explanation)\n")
            return 0
        } catch {
            Terminal.error("weir-transcoder: \(error)\n")
            return 65
        }
    }
}
