internal import Glibc
internal import Synchronization

/// Runs asynchronous work while the main thread waits in the kernel with its signal mask as it is.
///
/// An `async` top level would park the main thread inside Dispatch, which waits with every signal unblocked: SIGTERM would
/// then end the process by default action before a signal descriptor sees it.
enum MainThread {
    /// Blocks until `body` returns, and gives back its result.
    static func run(_ body: @escaping @Sendable () async -> Int32) -> Int32 {
        let finish = Finish()
        Task.detached { finish.arrive(await body()) }
        return finish.wait()
    }

    private final class Finish: Sendable {
        private let code = Mutex<Int32>(0)
        private let reading: Int32
        private let writing: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            precondition(pipe(&ends) == 0, "a process can make its first pipe")
            (reading, writing) = (ends[0], ends[1])
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }

        func arrive(_ result: Int32) {
            code.withLock { $0 = result }
            close(writing)
        }

        func wait() -> Int32 {
            var byte: UInt8 = 0
            while read(reading, &byte, 1) < 0, errno == EINTR {}
            close(reading)
            return code.withLock { $0 }
        }
    }
}
