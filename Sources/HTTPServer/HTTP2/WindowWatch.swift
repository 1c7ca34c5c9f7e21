/// Watches whether a client opens its windows for a response that waits for them.
struct WindowWatch {
    private static let never = UInt64.max

    /// When the loop's clock passes it, the client is to be judged.
    private(set) var deadline = never
    /// Body bytes of the stream framed in the span that ends at `deadline`.
    private(set) var bytesInSpan = 0
    /// Body bytes the connection had framed when it began.
    private(set) var connectionBytesBefore = 0

    /// The windows leave no room; time begins to run unless it does already.
    mutating func begin(span: UInt64, connectionBytes: Int, at now: UInt64) {
        guard deadline == Self.never else { return }
        deadline = now + span
        bytesInSpan = 0
        connectionBytesBefore = connectionBytes
    }

    /// Bytes found room; with `isAll` nothing waits any more. A window opened a little is no end of waiting.
    mutating func framed(_ bytes: Int, isAll: Bool) {
        bytesInSpan += bytes
        if isAll { end() }
    }

    /// Nothing waits for the windows.
    mutating func end() {
        deadline = Self.never
    }
}
