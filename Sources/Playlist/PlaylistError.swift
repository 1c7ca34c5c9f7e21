/// Why a text is not the playlist it claims to be; `line` counts from 1 and is 0 when the whole text is meant.
public struct PlaylistError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line at fault, counted from 1; 0 means the text as a whole.
    public let line: Int
    /// What is wrong, in words for the person who has to correct it.
    public let reason: String

    /// Makes an error for one line.
    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }

    /// In words, for messages and logs.
    public var description: String {
        line == 0 ? reason : "line \(line): \(reason)"
    }
}
