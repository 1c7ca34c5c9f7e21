internal import CFFmpeg
internal import Glibc

/// A libav call that did not work.
public struct AVFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done, such as "open the decoder".
    public let operation: String
    /// libav's negative error code.
    public let code: Int32

    /// libav's own words.
    public var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress, av_strerror(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }

    /// In words, for messages and logs.
    public var description: String { "could not \(operation): \(text)" }

    static func outOfMemory(_ operation: String) -> AVFailure { AVFailure(operation: operation, code: -12) }
}

/// Turns a negative return value into an error.
@discardableResult
func check(_ code: Int32, _ operation: String) throws(AVFailure) -> Int32 {
    guard code >= 0 else { throw AVFailure(operation: operation, code: code) }
    return code
}

/// A dictionary of options for one call.
struct OptionDictionary: ~Copyable {
    var pointer: OpaquePointer?

    init(_ options: KeyValuePairs<String, String>) {
        for (key, value) in options { av_dict_set(&pointer, key, value, 0) }
    }

    deinit {
        var pointer = pointer
        av_dict_free(&pointer)
    }
}

/// Messages of libav and its libraries, which a hostile file could fill a disk with.
enum LibavLog {
    private static let silenced: Void = {
        av_log_set_level(AV_LOG_FATAL)
        // SVT-AV1 has no other way to be told.
        setenv("SVT_LOG", "0", 1)
    }()

    /// Keeps all but fatal ones from standard error; called before anything that may speak.
    static func silence() { silenced }
}
