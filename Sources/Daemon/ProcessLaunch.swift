internal import CLinux
internal import Glibc

/// What starting and reaping processes has in common, whoever does it.
public enum ProcessLaunch {
    /// This process's environment as a program gets it, with `extra` and without `removed`.
    public static func environment(adding extra: [String: String], removing removed: [String] = []) -> [String] {
        var result = extra.map { "\($0.key)=\($0.value)" }
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            let name = String(text.prefix { $0 != "=" })
            if extra[name] == nil && !removed.contains(name) { result.append(text) }
            entry += 1
        }
        return result
    }

    /// Lends texts to a call as the kernel wants them: pointers to C strings, nil behind the last.
    public static func withCStrings<R>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }

    /// How a child ended.
    public enum Ending: Sendable, Equatable {
        /// By itself.
        case exited(code: Int32)
        /// By a signal.
        case killed(signal: Int32)
        /// It was not this process's child when it ended, so nobody told us how.
        case unknown

        /// What a person reads in logs.
        public var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .killed(let signal): "signal \(signal), \(String(cString: strsignal(signal)))"
            case .unknown: "an unknown status"
            }
        }

        /// The exit code, if there was one.
        public var exitCode: Int32? {
            if case .exited(let code) = self { code } else { nil }
        }
    }

    /// Reaps a process whose pidfd has become readable; nil while it runs. Never blocks.
    public static func reap(_ pid: Int32) -> Ending? {
        var status: Int32 = 0
        let reaped = waitpid(pid, &status, WNOHANG)
        if reaped < 0 { return .unknown }
        guard reaped == pid else { return nil }
        let signal = status & 0x7f
        return signal != 0 ? .killed(signal: signal) : .exited(code: (status >> 8) & 0xff)
    }
}
