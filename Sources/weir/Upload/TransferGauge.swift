import Synchronization

/// How many bytes of a file have gone, as tasks report it that send its parts at the same time.
final class TransferGauge: Sendable {
    private struct State {
        var stored: Int64 = 0
        var underWay: [Int: Int64] = [:]
        var sent: Int64 = 0
        var trouble: String?
    }

    private let state = Mutex(State())

    /// Bytes that are there or have been handed to the connection.
    var position: Int64 { state.withLock { $0.stored + $0.underWay.values.reduce(0, +) } }
    /// Bytes of parts that were stored because this command sent them.
    var sent: Int64 { state.withLock { $0.sent } }

    /// Why the last request failed; nil once one has not.
    var trouble: String? {
        get { state.withLock { $0.trouble } }
        set { state.withLock { $0.trouble = newValue } }
    }

    /// Bytes of a part have been handed to the connection.
    func advance(_ part: Int, by bytes: Int) { state.withLock { $0.underWay[part, default: 0] += Int64(bytes) } }

    /// A part has ended, well or not; `stored` are the bytes of all that are there now, `sent` those that it added.
    func end(_ part: Int, stored: Int64, sent: Int64) {
        state.withLock { state in
            state.underWay[part] = nil
            state.stored = stored
            state.sent += sent
        }
    }
}
