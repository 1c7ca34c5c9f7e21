/// When a batch is sent again, and when it is given up.
struct ExportPacing: Equatable {
    /// What came of sending a batch.
    enum Outcome: Equatable {
        /// The collector has it, but for spans it refused.
        case accepted(rejected: Int)
        /// It may take it later; it may have said when.
        case unavailable(afterSeconds: Int?)
        /// It will never take it.
        case refused(String)

        init(status: Int, retryAfter: String?, body: [UInt8]) {
            switch status {
            case 200..<300: self = .accepted(rejected: OTLPDocument.rejectedSpans(in: body))
            case 429, 502, 503, 504: self = .unavailable(afterSeconds: retryAfter.flatMap { Int($0) })
            default: self = .refused("status \(status)")
            }
        }
    }

    /// What to do then.
    enum Action: Equatable {
        /// Go on with the next batch.
        case proceed
        /// Send the same batch once more after a while.
        case retry(after: Duration)
        /// Drop the batch.
        case drop
    }

    /// Times that one batch is sent.
    static let attempts = 5
    /// The longest wait, also where the collector asks for more.
    static let longestWait = Duration.seconds(30)
    private var failures = 0

    /// - Parameter jitter: 0..<1, so that many processes do not come back at the same moment.
    mutating func sent(_ outcome: Outcome, jitter: Double) -> Action {
        switch outcome {
        case .accepted:
            failures = 0
            return .proceed
        case .refused:
            failures = 0
            return .drop
        case .unavailable(let seconds):
            failures += 1
            if failures >= Self.attempts {
                failures = 0
                return .drop
            }
            let doubled = Duration.seconds(1 << (failures - 1)) * (0.5 + jitter / 2)
            return .retry(after: min(Self.longestWait, max(doubled, .seconds(max(0, min(seconds ?? 0, 3_600))))))
        }
    }
}
