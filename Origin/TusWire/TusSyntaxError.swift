/// A field of tus is not what the protocol says; the text goes on after the field's name.
public struct TusSyntaxError: Error, Sendable, Equatable {
    /// What is wrong.
    public let message: String

    init(_ message: String) { self.message = message }
}
