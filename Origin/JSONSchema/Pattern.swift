internal import Glibc

/// A `pattern`: a POSIX extended expression, somewhere in the text unless it is anchored.
///
/// Threads share it: `regexec` does not change the compiled expression.
final class Pattern: @unchecked Sendable {
    /// The expression.
    let text: String
    private var expression = regex_t()

    /// Compiles it; nil when it is none, or has a backslash.
    init?(_ text: String) {
        guard !text.utf8.contains(UInt8(ascii: "\\")), regcomp(&expression, text, REG_EXTENDED | REG_NOSUB) == 0 else {
            return nil
        }
        self.text = text
    }

    deinit { regfree(&expression) }

    /// Whether some part of `candidate` fits; never in text with a NUL, which ends texts in C.
    func matches(_ candidate: String) -> Bool {
        guard !candidate.utf8.contains(0) else { return false }
        return regexec(&expression, candidate, 0, nil, 0) == 0
    }
}
