internal import Glibc

/// Unbuffered writes to the terminal, so that output and errors keep their order.
public enum Terminal {
    /// Writes to standard output.
    public static func output(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes to standard error.
    public static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
