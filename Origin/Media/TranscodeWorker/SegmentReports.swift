internal import EventLoop
internal import Presentation
internal import Synchronization

/// Reports stored segments in order while further ones are stored.
final class SegmentReports: Sendable {
    private let send: @Sendable ([StoredSegment]) async throws -> Void
    private let batch = Mutex(ReportBatch())
    private let bell = Doorbell()

    init(send: @escaping @Sendable ([StoredSegment]) async throws -> Void) { self.send = send }

    func add(_ segment: StoredSegment) {
        batch.withLock { $0.add(segment) }
        bell.ring()
    }

    /// Lets `run` return once everything is reported.
    func close() {
        batch.withLock { $0.close() }
        bell.ring()
    }

    /// Reports until closed; throws what a report throws, or `CancellationError`.
    func run() async throws {
        while true {
            try Task.checkCancellation()
            let rings = bell.rings
            switch batch.withLock({ $0.next(now: MonotonicClock.nanoseconds()) }) {
            case .send(let segments): try await send(segments)
            case .wait(let nanoseconds): await bell.wait(after: rings, upTo: .nanoseconds(nanoseconds))
            case .end: return
            }
        }
    }
}
