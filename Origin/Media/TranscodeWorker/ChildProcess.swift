internal import CSandbox
internal import Glibc
internal import JSON
internal import Synchronization
internal import Transcode

/// A jailed transcode seen from its parent: events come out of a pipe, and it can be killed at any time.
///
/// `nextEvent` blocks and belongs on a thread that may wait; `kill` may be called from anywhere, also during that wait.
final class ChildProcess: TranscodeProcess {
    struct Limits: Sendable {
        var memoryBytes = 8 << 30
        var cpuSeconds = 14_400
    }

    private let pid: pid_t
    private let results: Int32
    private let errors: Int32
    /// Whether the process is collected, after which its number may be another's.
    private let isCollected = Mutex(false)

    /// Starts this very program again in `--child` mode on `input`, which stays the caller's, to do what `order` says with so
    /// many threads.
    ///
    /// The kernel kills the child when the *thread* that started it ends, so this belongs on a thread that lives as long
    /// as the process, such as a pool's.
    init(input: Int32, order: TranscodeOrder, threads: Int, limits: Limits) throws(ChildFailure) {
        var ends: [Int32] = [-1, -1]
        guard weir_result_pipe(&ends) == 0 else { throw ChildFailure("make a pipe") }
        let errors = weir_memory_file("weir-transcoder-errors")
        let orders = Self.memoryFile(holding: order.json.serialized())
        let copies = [input, ends[1], errors, orders].map { weir_duplicate_above($0, 10) }
        close(ends[1])
        if orders >= 0 { close(orders) }
        defer { for copy in copies where copy >= 0 { close(copy) } }
        guard errors >= 0, copies.allSatisfy({ $0 >= 0 }) else {
            close(ends[0])
            if errors >= 0 { close(errors) }
            throw ChildFailure("prepare descriptors")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, copies[3], STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, copies[2], STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, copies[0], JailedTranscode.inputDescriptor)
        posix_spawn_file_actions_adddup2(&actions, copies[1], JailedTranscode.resultDescriptor)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that a terminal's Ctrl-C reaches the parent alone; no signal blocked or ignored, since
        // the threads of the parent block all of them.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let numbers = [limits.memoryBytes, limits.cpuSeconds, threads].map { String($0) }
        let words = ["weir-transcoder", "--child"] + numbers
        // The runtime's crash reporter would start another program, which the jail does not allow.
        let environment = ["SWIFT_BACKTRACE=enable=no"]
        var pid: pid_t = 0
        let code = withStrings(words) { arguments in
            withStrings(environment) { posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else {
            close(ends[0])
            close(errors)
            throw ChildFailure("start a child process (errno \(code))")
        }
        self.pid = pid
        results = ends[0]
        self.errors = errors
    }

    deinit {
        close(results)
        close(errors)
    }

    /// Some of the child's output; nil at its end.
    ///
    /// Blocks.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(results, &buffer, buffer.count)
            if count > 0 { return Array(buffer[..<count]) }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    /// Ends the child at once; `wait` must still be called. Does nothing once it is collected.
    func kill() {
        isCollected.withLock { isCollected in
            if !isCollected { Glibc.kill(pid, SIGKILL) }
        }
    }

    /// Collects the ended child.
    ///
    /// Blocks; to be called once.
    func wait() -> ProcessExit {
        // Its number stays its own until it is collected below.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        var status: Int32 = 0
        var usage = rusage()
        isCollected.withLock { isCollected in
            while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
            isCollected = true
        }
        var buffer = [UInt8](repeating: 0, count: 2048)
        let size = max(0, lseek(errors, 0, SEEK_END))
        let count = pread(errors, &buffer, buffer.count, max(0, size - buffer.count))
        let words = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return ProcessExit(
            code: weir_exit_code(status), signal: weir_exit_signal(status), words: words,
            usage: ProcessUsage(
                cpuSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
                peakBytes: Int64(usage.ru_maxrss) << 10))
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }

    /// The descriptor of a file in memory, at its beginning; negative when the kernel refused.
    private static func memoryFile(holding bytes: [UInt8]) -> Int32 {
        let descriptor = weir_memory_file("weir-transcoder-order")
        guard descriptor >= 0 else { return descriptor }
        guard write(descriptor, bytes, bytes.count) == bytes.count, lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}

struct ChildFailure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "could not \(what)" }
}

private func withStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
