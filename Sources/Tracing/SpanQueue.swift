internal import Synchronization
internal import Telemetry

/// Spans on their way to the exporter. A loop that adds one never waits for anything but the lock of a short list: when
/// the queue is full the span is dropped and counted.
public final class SpanQueue: Sendable {
    private let limit: Int
    private let spans = Mutex<[Span]>([])
    private let droppedSpans: Counter

    init(limit: Int, dropped: Counter) {
        self.limit = limit
        droppedSpans = dropped
    }

    /// How many wait.
    public var count: Int { spans.withLock { $0.count } }

    /// Takes a span, from any thread.
    public func add(_ span: Span) {
        let isTaken = spans.withLock { spans in
            guard spans.count < limit else { return false }
            spans.append(span)
            return true
        }
        if !isTaken { droppedSpans.add() }
    }

    /// The oldest ones, at most `count`.
    func take(_ count: Int) -> [Span] {
        spans.withLock { spans in
            if spans.count <= count {
                defer { spans = [] }
                return spans
            }
            defer { spans.removeFirst(count) }
            return Array(spans.prefix(count))
        }
    }
}
