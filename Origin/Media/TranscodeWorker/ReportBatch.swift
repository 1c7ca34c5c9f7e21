internal import Presentation

/// Which stored segments are reported when. Pure; times are nanoseconds of a clock that never jumps.
///
/// The first segment of a rendition may make a video playable and goes at once, with all before it; the others wait until the
/// last report is a quarter of a second old.
struct ReportBatch {
    /// Most segments in one report.
    static let limit = 64
    /// Least time between reports that are not urgent.
    static let pause: UInt64 = 250_000_000

    private var waiting: [StoredSegment] = []
    private var urgent = false
    private var isClosed = false
    private var sentAt: UInt64 = 0

    enum Action: Equatable {
        case send([StoredSegment])
        /// Look again when something was added, or after so many nanoseconds.
        case wait(UInt64)
        case end
    }

    mutating func add(_ segment: StoredSegment) {
        waiting.append(segment)
        if segment.number == 1 { urgent = true }
    }

    /// Nothing more will come.
    mutating func close() { isClosed = true }

    mutating func next(now: UInt64) -> Action {
        guard !waiting.isEmpty else { return isClosed ? .end : .wait(3_600_000_000_000) }
        let age = now - min(now, sentAt)
        guard urgent || isClosed || age >= Self.pause || waiting.count >= Self.limit else {
            return .wait(Self.pause - age)
        }
        let batch = Array(waiting.prefix(Self.limit))
        waiting.removeFirst(batch.count)
        urgent = urgent && !waiting.isEmpty
        sentAt = now
        return .send(batch)
    }
}
