internal import Glibc

/// Runs a program's async body from a synchronous `main`.
///
/// A top-level `await` would hand the main thread to libdispatch, which waits there with *no* signal blocked; `SIGTERM`
/// would then end the process instead of reaching the `SignalWatcher`. Here the main thread keeps its mask.
public enum AsyncMain {
    /// Runs `body`, then exits with what it returns. Block signals before calling.
    public static func run(_ body: @escaping @Sendable () async -> Int32) -> Never {
        Task.detached { exit(await body()) }
        while true { pause() }
    }
}
