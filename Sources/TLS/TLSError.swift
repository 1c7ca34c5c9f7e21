internal import COpenSSL

/// Why TLS could not go on: what was attempted and OpenSSL's own reasons.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was attempted, such as `use the certificate of edge.pem`.
    public var operation: String
    /// OpenSSL's reasons, the cause first.
    public var reasons: [String]

    /// Reports a failure with reasons of our own.
    public init(_ operation: String, reasons: [String]) {
        self.operation = operation
        self.reasons = reasons
    }

    /// Takes the reasons from this thread's OpenSSL error queue and empties it.
    static func drained(_ operation: String) -> TLSError {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { break }
            let reason = ERR_reason_error_string(code).map { String(cString: $0) }
            reasons.append(reason ?? "error \(code)")
        }
        return TLSError(operation, reasons: reasons)
    }

    /// The operation and its reasons in one line.
    public var description: String {
        reasons.isEmpty ? "cannot \(operation)" : "cannot \(operation): \(reasons.joined(separator: ", "))"
    }
}
