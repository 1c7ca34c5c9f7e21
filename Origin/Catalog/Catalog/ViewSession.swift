/// What the pings of one person's sitting with one video say together.
public struct ViewSession: Sendable, Equatable {
    /// The video watched.
    public var videoId: String
    /// The player's own random id for this sitting.
    public var sessionId: String
    /// The account's `sub`, when signed in.
    public var accountId: String?
    /// Where the player stands, in seconds.
    public var positionSeconds: Double
    /// Epoch milliseconds of the first ping.
    public var startedAt: Int64
    /// Epoch milliseconds of the last ping.
    public var lastSeenAt: Int64

    /// Makes a session.
    public init(
        videoId: String, sessionId: String, accountId: String?, positionSeconds: Double, startedAt: Int64,
        lastSeenAt: Int64
    ) {
        self.videoId = videoId
        self.sessionId = sessionId
        self.accountId = accountId
        self.positionSeconds = positionSeconds
        self.startedAt = startedAt
        self.lastSeenAt = lastSeenAt
    }
}

/// What an account has watched, and how far.
public struct HistoryEntry: Sendable, Equatable {
    /// The video.
    public let videoId: String
    /// Where the player stood last, in seconds.
    public let positionSeconds: Double
    /// Epoch milliseconds of the last ping.
    public let watchedAt: Int64

    /// Makes an entry.
    public init(videoId: String, positionSeconds: Double, watchedAt: Int64) {
        self.videoId = videoId
        self.positionSeconds = positionSeconds
        self.watchedAt = watchedAt
    }
}

/// Reads who watches what.
public protocol ViewReader {
    /// Where an account stands with a video, or nil.
    func historyEntry(accountId: String, videoId: String) throws -> HistoryEntry?
    /// A page of what an account has watched, last watched first.
    func history(accountId: String, limit: Int, after: PageKey?) throws -> Page<HistoryEntry>
}

/// Records who watches what.
public protocol ViewWriter {
    /// Counts the sessions that are new as views of their videos, stores where their accounts stand, and adds to the figures of
    /// the videos what `tallies` say of them at `time`: of videos that one of the sessions is of.
    ///
    /// The same sessions and tallies again count nothing. Those of videos that are gone are dropped.
    func record(_ sessions: [ViewSession], tallies: [TallyBatch], at time: Int64) throws
    /// Forgets sessions that began before `time`, at most `limit`; one of them that goes on counts anew.
    func forgetSessions(startedBefore time: Int64, limit: Int) throws
    /// Forgets that an account has watched a video, or anything where `videoId` is nil.
    func removeHistory(accountId: String, videoId: String?) throws
}

extension ViewWriter {
    /// Records sessions of which nothing else is known.
    public func record(_ sessions: [ViewSession]) throws {
        try record(sessions, tallies: [], at: sessions.map(\.lastSeenAt).max() ?? 0)
    }
}
