/// Why an exchange came to nothing.
public struct CurlFailure: Error, Sendable, Equatable {
    /// In libcurl's words, one line.
    public let reason: String

    init(reason: String) {
        self.reason = reason
    }

    /// `text` without the control characters that a server may have put into it.
    public static func line(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
    }
}
