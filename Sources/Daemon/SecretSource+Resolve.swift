public import Configuration
internal import Glibc

extension SecretSource {
    /// Reads the secret from where the configuration says it stands.
    ///
    /// - Throws: `SecretUnavailable` when the file cannot be read or the variable is not set.
    public func resolve() throws(SecretUnavailable) -> String {
        switch self {
        case .inline(let value):
            return value
        case .file(let path):
            do {
                return String(decoding: try File.read(path), as: UTF8.self).trimmingTrailingLineBreaks()
            } catch {
                throw SecretUnavailable(description: error.description)
            }
        case .environment(let name):
            guard let value = getenv(name) else {
                throw SecretUnavailable(description: "environment variable \(name) is not set")
            }
            return String(cString: value)
        }
    }
}

/// Why a secret could not be read.
public struct SecretUnavailable: Error, Sendable, CustomStringConvertible {
    /// One line for a terminal; never holds the secret.
    public let description: String
}

extension String {
    fileprivate func trimmingTrailingLineBreaks() -> String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
