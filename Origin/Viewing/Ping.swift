/// What a player tells while somebody watches.
public enum PlayerEvent: String, Sendable, CaseIterable {
    /// Playback begins, or goes on.
    case play
    /// Playback is under way; told every few seconds.
    case progress
    /// Playback stands still because somebody wants it so.
    case pause
    /// Somebody has chosen another position.
    case seek
    /// Playback stands still because media are missing.
    case stall
    /// The end is reached, or the page is left.
    case ended
}

/// One message of a player.
public struct Ping: Sendable, Equatable {
    /// The video watched.
    public let videoId: String
    /// The player's own random id for this sitting.
    public let sessionId: String
    /// The account's `sub`, when signed in.
    public let accountId: String?
    /// Where the player stands, in seconds.
    public let positionSeconds: Double
    /// What happens.
    public let event: PlayerEvent
    /// How long the player took from being asked to play to the first picture; told once.
    public var startupMilliseconds: Int64?
    /// How long the player waited for media since the ping before.
    public var stalledMilliseconds: Int64?

    /// Makes a ping.
    public init(
        videoId: String, sessionId: String, accountId: String?, positionSeconds: Double, event: PlayerEvent = .progress
    ) {
        self.videoId = videoId
        self.sessionId = sessionId
        self.accountId = accountId
        self.positionSeconds = positionSeconds
        self.event = event
    }
}
