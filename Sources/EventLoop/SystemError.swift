internal import Glibc

/// A system call that failed, in the words an operator needs: what was attempted, on what, and the kernel's reason.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was attempted, for example `bind 127.0.0.1:8080`.
    public var operation: String
    /// The kernel's `errno`.
    public var code: Int32

    /// Describes a failed call.
    public init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// Describes the call that just failed on this thread.
    static func last(_ operation: String) -> SystemError {
        SystemError(operation, code: errno)
    }

    /// The kernel's reason in words.
    public var reason: String { Self.reason(for: code) }

    /// The words for an `errno`, safe to call from any thread.
    public static func reason(for code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }

    /// What a person reads in logs and errors.
    public var description: String { "\(operation): \(reason)" }
}
