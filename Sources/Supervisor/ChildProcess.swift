internal import Daemon
internal import Glibc

/// How to start one process.
public struct ChildSpecification: Sendable {
    /// What people call it, such as `weir-edge`.
    public let name: String
    /// Absolute path of the program.
    public let executable: String
    /// Arguments after the program's name.
    public let arguments: [String]
    /// Where its standard output and error go, appended; the file is made with mode 0600.
    public let logPath: String

    /// A process by its program, arguments and log.
    public init(name: String, executable: String, arguments: [String], logPath: String) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.logPath = logPath
    }
}

/// Starting and ending processes.
enum ChildProcess {
    /// Starts a process in a group of its own, so that a terminal's Ctrl-C reaches the supervisor alone, with default
    /// signal dispositions and an empty signal mask.
    static func spawn(
        _ child: ChildSpecification, extraEnvironment: [String: String]
    ) throws(SupervisionError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        var allSignals = sigset_t()
        sigfillset(&allSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setsigdefault(&attributes, &allSignals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &files, STDOUT_FILENO, child.logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO)

        var pid: pid_t = 0
        let outcome = ProcessLaunch.withCStrings([child.executable] + child.arguments) { arguments in
            ProcessLaunch.withCStrings(ProcessLaunch.environment(adding: extraEnvironment)) { environment in
                posix_spawn(&pid, child.executable, &files, &attributes, arguments, environment)
            }
        }
        guard outcome == 0 else {
            throw SupervisionError("cannot start \(child.executable): \(String(cString: strerror(outcome)))")
        }
        return pid
    }
}

/// Something the supervisor could not do, in words for a terminal.
public struct SupervisionError: Error, Sendable, CustomStringConvertible {
    /// One line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
