internal import COpenSSL

/// Why a cryptographic operation could not be done: the operation and what the library said about it.
///
/// A signature that does not match is never an error; `verify` answers `false`.
public struct CryptoError: Error, Equatable, CustomStringConvertible {
    /// What was asked for, for example `read a private key`.
    public let operation: String
    /// The library's reasons, oldest first; empty when it gave none.
    public let reasons: [String]

    /// An error with reasons of our own.
    public init(_ operation: String, reasons: [String] = []) {
        self.operation = operation
        self.reasons = reasons
    }

    /// One line: the operation, then the reasons.
    public var description: String {
        reasons.isEmpty ? "cannot \(operation)" : "cannot \(operation): \(reasons.joined(separator: "; "))"
    }

    /// Takes the calling thread's OpenSSL error queue, leaving it empty for the next call on this thread.
    static func fromQueue(_ operation: String) -> CryptoError {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            if let reason = ERR_reason_error_string(code) {
                reasons.append(String(cString: reason))
            } else {
                reasons.append("error \(code)")
            }
        }
        return CryptoError(operation, reasons: reasons)
    }
}

extension Int32 {
    /// Turns OpenSSL's "1 is success" into a thrown error that carries the queue.
    func orThrow(_ operation: @autoclosure () -> String) throws(CryptoError) {
        guard self == 1 else { throw CryptoError.fromQueue(operation()) }
    }
}
