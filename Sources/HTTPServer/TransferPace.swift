/// Judges whether a peer that is waited for moves bytes fast enough: in each span of time a least number of them. It holds
/// no clock and no socket.
///
/// A single byte now and then keeps no connection, whereas a peer that stands still for less than a span loses none.
struct TransferPace {
    /// Nanoseconds.
    let span: UInt64
    /// Bytes that must move in a span, at least one.
    let leastBytes: Int

    init(span: UInt64, bytesPerSecond: Int) {
        self.span = span
        leastBytes = max(1, Int((Double(bytesPerSecond) * Double(span) / 1e9).rounded()))
    }

    func isKept(byMoving bytes: Int) -> Bool { bytes >= leastBytes }
}
