internal import Catalog

/// Pings that were taken and are not in the catalog yet, folded by session.
///
///     empty ──ping──▶ waiting ──begin──▶ under way ──written──▶ empty
///                        ▲                    │
///                        └──────failed────────┘
///
/// While some are under way, new ones wait. What failed waits again, below what has come since.
struct PingLedger {
    /// What becomes of a ping.
    enum Verdict: Equatable {
        /// It is noted; `isFirst` where nothing waited, `isEnough` where so much waits that it should be written now.
        case taken(isFirst: Bool, isEnough: Bool)
        /// There is no room for another session, or what was taken before is not written in time.
        case refused
    }

    private struct Key: Hashable {
        let videoId: String
        let sessionId: String
    }

    /// Sessions that are held at most, waiting and under way.
    let capacity: Int
    /// Sessions that wait when it is time to write.
    let batch: Int
    /// Milliseconds that a ping may be unwritten before no other is taken.
    let patience: Int64
    private var waiting: [Key: ViewSession] = [:]
    private var underWay: [Key: ViewSession] = [:]
    /// What the pings that wait add to the figures of their videos.
    private var waitingTallies: [String: WatchTally] = [:]
    /// What was handed out to be written and may not be. Each keeps its name, so that none is added twice, whatever became of a
    /// write; there are a few at most, as no ping is taken while the oldest waits for long.
    private var unwrittenTallies: [TallyBatch] = []
    private var number: Int64 = 0
    /// Epoch milliseconds since which the oldest of each waits.
    private var waitingSince: Int64 = 0
    private var underWaySince: Int64 = 0

    /// Names this ledger among all that write to the catalog.
    private let source: String

    init(capacity: Int, batch: Int, patience: Int64, source: String) {
        self.source = source
        self.capacity = capacity
        self.batch = batch
        self.patience = patience
    }

    /// Sessions that are held.
    var count: Int { waiting.count + underWay.count }

    mutating func add(_ ping: Ping, at now: Int64) -> Verdict {
        if let oldest = oldest, now - oldest >= patience { return .refused }
        let key = Key(videoId: ping.videoId, sessionId: ping.sessionId)
        let isFirst = waiting.isEmpty
        if var session = waiting[key] {
            session.note(ping, at: now)
            waiting[key] = session
        } else {
            guard count < capacity else { return .refused }
            waiting[key] = ViewSession(ping, at: now)
        }
        if isFirst { waitingSince = now }
        return .taken(isFirst: isFirst, isEnough: waiting.count == batch)
    }

    /// Adds to the figures of a video what a ping says that was taken.
    mutating func add(_ tally: WatchTally, videoId: String) {
        waitingTallies[videoId, default: WatchTally()].add(tally)
    }

    /// What is to be written now; nothing while a write is under way.
    mutating func begin() -> (sessions: [ViewSession], tallies: [TallyBatch]) {
        guard underWay.isEmpty else { return ([], []) }
        swap(&waiting, &underWay)
        underWaySince = waitingSince
        if !waitingTallies.isEmpty {
            number += 1
            unwrittenTallies.append(TallyBatch(StatisticsBatch(source: source, number: number), waitingTallies))
            waitingTallies.removeAll(keepingCapacity: true)
        }
        return (Array(underWay.values), unwrittenTallies)
    }

    /// What was under way is in the catalog.
    mutating func written() {
        underWay.removeAll(keepingCapacity: true)
        unwrittenTallies.removeAll(keepingCapacity: true)
    }

    /// What was under way is not in the catalog.
    mutating func failed() {
        guard !underWay.isEmpty else { return }
        waiting.merge(underWay) { later, earlier in earlier.followed(by: later) }
        waitingSince = underWaySince
        underWay.removeAll()
    }

    /// Nothing that is held says any more that the account has watched the video, or anything where `videoId` is nil.
    mutating func forget(accountId: String, videoId: String?) {
        func strip(_ sessions: inout [Key: ViewSession]) {
            for (key, session) in sessions
            where session.accountId == accountId && (videoId == nil || session.videoId == videoId) {
                sessions[key]?.accountId = nil
            }
        }
        strip(&waiting)
        strip(&underWay)
    }

    private var oldest: Int64? {
        if !underWay.isEmpty { return underWaySince }
        return waiting.isEmpty ? nil : waitingSince
    }
}

extension ViewSession {
    fileprivate init(_ ping: Ping, at now: Int64) {
        self.init(
            videoId: ping.videoId, sessionId: ping.sessionId, accountId: ping.accountId,
            positionSeconds: ping.positionSeconds, startedAt: now, lastSeenAt: now)
    }

    fileprivate mutating func note(_ ping: Ping, at now: Int64) {
        accountId = ping.accountId ?? accountId
        positionSeconds = ping.positionSeconds
        lastSeenAt = now
    }

    fileprivate func followed(by later: ViewSession) -> ViewSession {
        var both = later
        both.accountId = later.accountId ?? accountId
        both.startedAt = startedAt
        return both
    }
}
