/// One person's sitting with one video, fed by pings.
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

/// Reads sittings.
public protocol ViewReader {
    /// The sitting, or nil.
    func viewSession(videoId: String, sessionId: String) throws -> ViewSession?
}

/// Records sittings.
public protocol ViewWriter {
    /// Stores the ping; true when it opened a new sitting, which also adds one view to the video.
    func recordView(_ session: ViewSession) throws -> Bool
}
