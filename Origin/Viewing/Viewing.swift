public import Catalog
internal import Crypto
internal import EventLoop
internal import Synchronization
public import Telemetry

/// Takes the pings of players and writes what they say together into the catalog, a few times a second.
///
/// See the README for what a crash may lose.
public final class Viewing: Sendable {
    /// So much is waiting to be written that no ping is taken now.
    public struct Overloaded: Error, Sendable, Equatable {}

    /// How long the first of a batch waits for others.
    static let interval = Duration.milliseconds(250)
    /// How long sessions are known, in milliseconds from their first ping: 7 days.
    static let sessionLife: Int64 = 7 * 86_400_000
    private static let sweepEvery: Int64 = 60_000

    private let catalog: any CatalogStore
    private let now: @Sendable () -> Int64
    private let metrics: ViewingMetrics
    private let logger: Logger
    private let watched: WatchedVideos
    private struct State {
        var ledger: PingLedger
        var live: LiveSessions
    }

    private let state: Mutex<State>
    /// Rung by the first ping that waits, and by one that makes it enough.
    private let arrivals = Doorbell()
    private let fullness = Doorbell()

    /// - Parameters:
    ///   - capacity: sessions that may wait to be written (default 32,768, some 10 MB).
    ///   - now: gives epoch milliseconds and must not block.
    public init(
        catalog: any CatalogStore, capacity: Int = 32_768, metrics: ViewingMetrics,
        now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.catalog = catalog
        self.now = now
        self.metrics = metrics
        self.logger = logger
        watched = WatchedVideos(catalog: catalog)
        state = Mutex(
            State(
                ledger: PingLedger(
                    capacity: capacity, batch: max(1, capacity / 4), patience: 1_000,
                    source: "origin:\(SecureRandom.hex(16))"),
                live: LiveSessions(capacity: 2 * capacity)))
    }

    /// The video that a ping is for, as it was within the last second; nil for one that does not exist.
    public func video(id: String) async throws -> WatchedVideo? {
        try await watched.video(id: id, now: now())
    }

    /// How many watch a video at this moment.
    public func viewers(of videoId: String) -> Int { state.withLock { $0.live.viewers(of: videoId) } }

    /// Takes a ping for a video of `duration` seconds, if that is known; it is in the catalog with the next write. Throws
    /// `Overloaded` and has not taken it.
    public func take(_ ping: Ping, duration: Double? = nil) throws(Overloaded) {
        let now = now()
        let verdict = state.withLock { state in
            let verdict = state.ledger.add(ping, at: now)
            guard verdict != .refused else { return verdict }
            let played = state.live.note(ping, at: now)
            let viewers = state.live.viewers(of: ping.videoId)
            state.ledger.add(
                WatchTally(ping, played: played, duration: duration, viewers: viewers), videoId: ping.videoId)
            return verdict
        }
        switch verdict {
        case .refused:
            metrics.refused.add()
            throw Overloaded()
        case .taken(let isFirst, let isEnough):
            metrics.taken.add()
            if isFirst { arrivals.ring() }
            if isEnough { fullness.ring() }
        }
    }

    /// Forgets that an account has watched a video, or anything where `videoId` is nil: what is in the catalog, and what is
    /// on its way there.
    public func forget(accountId: String, videoId: String? = nil) async throws {
        state.withLock { $0.ledger.forget(accountId: accountId, videoId: videoId) }
        try await catalog.write { try $0.removeHistory(accountId: accountId, videoId: videoId) }
    }

    /// Writes what is taken, until the task is cancelled; one task runs it, and `finish` follows.
    public func run() async {
        var sweptAt: Int64 = 0
        while !Task.isCancelled {
            let (arrived, filled) = (arrivals.rings, fullness.rings)
            if now() - sweptAt >= Self.sweepEvery {
                sweptAt = now()
                await sweep()
            }
            guard state.withLock({ $0.ledger.count }) > 0 else {
                await arrivals.wait(after: arrived, upTo: .milliseconds(Self.sweepEvery))
                continue
            }
            await fullness.wait(after: filled, upTo: Self.interval)
            await flush()
        }
    }

    /// Writes what is left, once nobody sends pings any more.
    public func finish() async {
        for _ in 0..<3 {
            if await flush() { return }
        }
        logger.error("pings are lost", ["sessions": .count(state.withLock { $0.ledger.count })])
    }

    /// Writes what waits, in one transaction; false when that failed and it waits still.
    @discardableResult
    func flush() async -> Bool {
        let batch = state.withLock { $0.ledger.begin() }
        defer { metrics.waiting.set(Int64(state.withLock { $0.ledger.count })) }
        guard !batch.sessions.isEmpty else { return true }
        do {
            let now = now()
            try await catalog.write { try $0.record(batch.sessions, tallies: batch.tallies, at: now) }
            state.withLock { $0.ledger.written() }
            metrics.written.add()
            return true
        } catch {
            state.withLock { $0.ledger.failed() }
            guard !(error is CancellationError) else { return false }
            metrics.failed.add()
            logger.error("pings are not written, and wait", ["error": .error(error)])
            return false
        }
    }

    private func sweep() async {
        let now = now()
        do {
            try await catalog.write { transaction in
                try transaction.forgetSessions(startedBefore: now - Self.sessionLife, limit: 1_000)
                try transaction.forgetStatistics(now: now, limit: 1_000)
            }
        } catch is CancellationError {
        } catch {
            logger.error("old sessions and figures are not forgotten", ["error": .error(error)])
        }
    }
}
