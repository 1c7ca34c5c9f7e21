/// Watches whether a client takes what its socket has no more room for.
///
/// What the socket accepts says little, because its buffer is larger than what a client that reads single bytes takes in
/// minutes; so the connection counts what the client has acknowledged.
struct ReaderWatch {
    static let never = UInt64.max
    /// Of `deadline`: the next sweep begins to measure.
    private static let unmeasured = UInt64.min

    /// When the loop's clock passes it, the client is to be judged.
    private(set) var deadline = never
    /// Bytes the client had when the span began that ends at `deadline`.
    private var takenBefore = 0

    /// The socket takes nothing more; time begins to run unless it does already.
    mutating func begin() {
        if deadline == Self.never { deadline = Self.unmeasured }
    }

    /// Everything has gone to the socket.
    mutating func end() {
        deadline = Self.never
    }

    /// Whether the client has taken enough in the span that ends; then the next one begins.
    mutating func isKept(_ pace: TransferPace, taken: Int, at now: UInt64) -> Bool {
        if deadline != Self.unmeasured, !pace.isKept(byMoving: taken - takenBefore) { return false }
        takenBefore = taken
        deadline = now + pace.span
        return true
    }
}
