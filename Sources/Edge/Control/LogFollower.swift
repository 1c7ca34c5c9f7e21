import JSON
import Synchronization

/// Carries out what the origin's control log says, in its order, and says how far it has come by asking for more.
///
/// A task of the control plane; no request waits for it. While the origin cannot be reached the edge goes on serving what
/// it has, and asks again.
///
///     no position ─ask─▶ the log's end ─drop the cache─▶ position ─ask─▶ entries ─carry out, then write the position─┐
///                                           ▲               ▲                                                        │
///                                           └──── 410 ──────┴────────────────────────────────────────────────────────┘
final class LogFollower: Sendable {
    /// The outside world as the follower uses it.
    struct Surroundings: Sendable {
        /// Asks the origin; with `waits` it holds the question open for a while when there is nothing new.
        var ask: @Sendable (LogPosition?, _ waits: Bool) async throws -> LogAnswer
        /// Tells the origin not to wait for this edge any more; what becomes of it is no matter.
        var leave: @Sendable (LogPosition) async -> Void
        /// Carries out one order of a log, durably; throws when it is not in force.
        var carryOut: @Sendable (LogAnswer.Entry, _ logId: String) async throws -> Void
        /// Trusts the origin's keys as of a place in its log, durably.
        var learnKeys: @Sendable (JSONValue, LogPosition) async throws -> Void
        /// Forgets everything the cache holds, durably.
        var dropCache: @Sendable (_ reason: String) async throws -> Void
        var readPosition: @Sendable () async throws -> LogPosition?
        /// Durable when it returns; called after what it speaks of.
        var writePosition: @Sendable (LogPosition) async throws -> Void
        var pause: @Sendable (Duration) async throws -> Void
    }

    /// What happened, for the log and the metrics.
    enum Event: Sendable, Equatable {
        case carriedOut(upTo: LogPosition, entries: Int)
        /// The origin has answered; `isAtEnd` when nothing that it had is left to do.
        case inContact(isAtEnd: Bool)
        /// Says so once per interruption.
        case interrupted(reason: String)
    }

    private let surroundings: Surroundings
    private let tell: @Sendable (Event) -> Void
    private let saysGoodbye = Atomic<Bool>(true)
    private static let shortestPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(15)

    init(_ surroundings: Surroundings, tell: @escaping @Sendable (Event) -> Void) {
        self.surroundings = surroundings
        self.tell = tell
    }

    /// Has `run` end without a word to the origin.
    func leaveSilently() { saysGoodbye.store(false, ordering: .releasing) }

    /// Follows the log until the task is cancelled, and says goodbye.
    func run() async {
        guard let position = await followUntilCancelled(), saysGoodbye.load(ordering: .acquiring) else { return }
        // In a task of its own, because this one is cancelled.
        await Task { [surroundings] in await surroundings.leave(position) }.value
    }

    private func followUntilCancelled() async -> LogPosition? {
        var position: LogPosition?
        var hasPosition = false
        var isAtEnd = false
        var pause = Self.shortestPause
        var isInterrupted = false
        while !Task.isCancelled {
            do {
                if !hasPosition {
                    position = try await surroundings.readPosition()
                    hasPosition = true
                }
                (position, isAtEnd) = try await follow(from: position, waits: isAtEnd)
                pause = Self.shortestPause
                isInterrupted = false
                tell(.inContact(isAtEnd: isAtEnd))
            } catch {
                if Task.isCancelled { break }
                if !isInterrupted { tell(.interrupted(reason: "\(error)")) }
                isInterrupted = true
                isAtEnd = false
                try? await surroundings.pause(pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
        return position
    }

    /// One question and what follows from its answer.
    ///
    /// - Returns: the position to ask from next, which is on disk, and whether the log ended there.
    func follow(from position: LogPosition?, waits: Bool) async throws -> (LogPosition, isAtEnd: Bool) {
        switch try await surroundings.ask(position, waits) {
        case .lost(let end, let keys):
            if let keys { try await surroundings.learnKeys(keys, end) }
            let reason = "the origin's log does not reach back to what this edge last heard"
            return (try await beginAnew(at: end, reason), true)
        case .entries(let entries, let end, let keys):
            if let keys { try await surroundings.learnKeys(keys, end) }
            guard let position else {
                return (try await beginAnew(at: end, "this edge follows the origin's log for the first time"), true)
            }
            guard entries.first.map({ $0.sequence == position.sequence + 1 }) ?? true else {
                throw LogAnswer.Refused(description: "the origin's entries do not begin behind \(position.sequence)")
            }
            for entry in entries { try await surroundings.carryOut(entry, position.logId) }
            guard let last = entries.last else { return (position, true) }
            let reached = LogPosition(logId: position.logId, sequence: last.sequence)
            return (try await record(reached, entries: entries.count), reached == end)
        }
    }

    /// The log's end was read before the cache is dropped, so whatever came before it is covered by the drop.
    private func beginAnew(at end: LogPosition, _ reason: String) async throws -> LogPosition {
        try await surroundings.dropCache(reason)
        return try await record(end, entries: 0)
    }

    private func record(_ position: LogPosition, entries: Int) async throws -> LogPosition {
        try await surroundings.writePosition(position)
        tell(.carriedOut(upTo: position, entries: entries))
        return position
    }
}
