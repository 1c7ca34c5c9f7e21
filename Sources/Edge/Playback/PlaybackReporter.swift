import Crypto
import HTTPWire
import JSON

/// Tells the origin what this edge serves of videos: every few seconds, batch by batch, each until the origin has it.
///
/// A task of the control plane; no request waits for it.
final class PlaybackReporter: Sendable {
    /// The outside world as the reporter uses it.
    struct Surroundings: Sendable {
        /// Takes what was served since the last time.
        var take: @Sendable () async -> PlaybackTaking
        /// Tells the origin; returns the status of its answer.
        var send: @Sendable (_ report: [UInt8]) async throws -> Int
        var epochSeconds: @Sendable () -> Int64
        var pause: @Sendable (Duration) async throws -> Void
    }

    /// What happened, for log and metrics.
    enum Event: Sendable, Equatable {
        case kept
        case failed
        /// The origin will never have a report of so many requests.
        case refused(status: Int, requests: Int)
        /// There was no room for so many requests.
        case lost(requests: Int)
    }

    /// What a crash may lose beside the call that is under way.
    static let interval = Duration.seconds(5)

    private let surroundings: Surroundings
    private let tell: @Sendable (Event) -> Void
    /// Names this process among those that the edge was and will be.
    private let run = SecureRandom.hex(16)

    init(_ surroundings: Surroundings, tell: @escaping @Sendable (Event) -> Void) {
        self.surroundings = surroundings
        self.tell = tell
    }

    /// Reports until the task is cancelled, and then once more.
    func report() async {
        var queue = PlaybackQueue()
        var since = surroundings.epochSeconds()
        while true {
            try? await surroundings.pause(Self.interval)
            if Task.isCancelled { break }
            (queue, since) = await round(queue, since: since)
        }
        // In a task of its own, because this one is cancelled.
        _ = await Task { [self, queue, since] in await round(queue, since: since) }.value
    }

    /// Takes what was served since a time, and tells all there is, up to the first failure.
    func round(_ queue: PlaybackQueue, since: Int64) async -> (PlaybackQueue, Int64) {
        var queue = queue
        let now = surroundings.epochSeconds()
        let taking = await surroundings.take()
        let lost = taking.lost + queue.add(taking.videos, at: since)
        if lost > 0 { tell(.lost(requests: lost)) }
        while let batch = queue.next() {
            switch try? await surroundings.send(document(of: batch)) {
            case .some(200..<300):
                queue.kept()
                tell(.kept)
            case .some(let status) where [400, 404, 405, 413].contains(status):
                // What it does not understand today, it will not tomorrow; anything else may pass.
                tell(.refused(status: status, requests: queue.refused()))
            default:
                tell(.failed)
                return (queue, now)
            }
        }
        return (queue, now)
    }

    private func document(of batch: PlaybackQueue.Batch) -> [UInt8] {
        let rows = batch.rows.map { key, figures in figures.row(videoId: key.videoId, at: key.minute) }
        let document: JSONValue = [
            "run": .string(run), "number": .integer(batch.number), "videos": .array(rows),
        ]
        return document.serialized()
    }
}
