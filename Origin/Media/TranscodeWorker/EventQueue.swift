internal import EventLoop
internal import Synchronization
internal import Transcode

/// Events between the reader of a child's pipe and whoever stores what they carry, so that the child goes on encoding while a
/// segment is on its way. Bounded by bytes: beyond it the reader waits, then the pipe, then the child.
final class EventQueue: Sendable {
    private struct State {
        var events: [TranscodeEvent] = []
        var bytes = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    private let bell = Doorbell()

    init(limit: Int = 32 << 20) { self.limit = limit }

    /// Adds an event, waiting while the queue is full. Throws `CancellationError`.
    func push(_ event: TranscodeEvent) async throws {
        while true {
            try Task.checkCancellation()
            let rings = bell.rings
            let isTaken = state.withLock { state in
                guard state.events.isEmpty || state.bytes + event.weight <= limit else { return false }
                state.events.append(event)
                state.bytes += event.weight
                return true
            }
            if isTaken { return bell.ring() }
            await bell.wait(after: rings, upTo: .seconds(3600))
        }
    }

    /// Nothing more will come.
    func close() {
        state.withLock { $0.isClosed = true }
        bell.ring()
    }

    /// The next event; nil after the last one. Throws `CancellationError`.
    func next() async throws -> TranscodeEvent? {
        while true {
            try Task.checkCancellation()
            let rings = bell.rings
            let (event, isClosed) = state.withLock { state -> (TranscodeEvent?, Bool) in
                guard !state.events.isEmpty else { return (nil, state.isClosed) }
                let event = state.events.removeFirst()
                state.bytes -= event.weight
                return (event, false)
            }
            if event != nil { bell.ring() }
            if event != nil || isClosed { return event }
            await bell.wait(after: rings, upTo: .seconds(3600))
        }
    }
}

extension TranscodeEvent {
    /// What it weighs in a queue.
    fileprivate var weight: Int {
        switch self {
        case .segment(_, _, _, let bytes, _), .initialization(_, let bytes): bytes.count + 256
        default: 256
        }
    }
}
