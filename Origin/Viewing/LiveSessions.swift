internal import Catalog

/// Who watches at this moment, and what lies between two pings of a session.
///
/// A session is live from its first ping until it has ended or said nothing for `silence`. Kept in memory alone: after a restart
/// the span before the first ping of a session is not known, and nothing else is missing.
struct LiveSessions {
    private struct Key: Hashable {
        let videoId: String
        let sessionId: String
    }

    private struct Session {
        var positionSeconds: Double
        var seenAt: Int64
        var isPlaying: Bool
    }

    /// Milliseconds without a ping after which nobody watches any more.
    static let silence: Int64 = 45_000
    /// Speeds beyond this are no playback.
    private static let fastest = 4.0
    /// Seconds by which a position may be ahead of the clock besides.
    private static let leeway = 2.0

    /// Sessions that are known at most; of one more nothing but its view is counted.
    let capacity: Int
    private var sessions: [Key: Session] = [:]
    private var viewers: [String: Int] = [:]
    private var sweptAt: Int64 = 0

    init(capacity: Int) { self.capacity = capacity }

    /// How many watch a video; one who went without a word is counted for up to a quarter of `silence` longer.
    func viewers(of videoId: String) -> Int { viewers[videoId] ?? 0 }

    /// Notes a ping; returns what of the video was played since the one before, in seconds, or nil where nothing was or
    /// nobody can tell.
    mutating func note(_ ping: Ping, at now: Int64) -> Range<Double>? {
        if now - sweptAt >= Self.silence / 4 { sweep(now) }
        let key = Key(videoId: ping.videoId, sessionId: ping.sessionId)
        let before = sessions[key]
        if ping.event == .ended {
            if before != nil { end(key) }
        } else {
            if before == nil {
                guard sessions.count < capacity else { return nil }
                viewers[ping.videoId, default: 0] += 1
            }
            sessions[key] = Session(
                positionSeconds: ping.positionSeconds, seenAt: now,
                isPlaying: ping.event == .play || ping.event == .progress
                    || (ping.event == .seek && before?.isPlaying == true))
        }
        guard let before, before.isPlaying, ping.event != .seek, ping.event != .play else { return nil }
        let elapsed = Double(now - before.seenAt) / 1_000
        let played = ping.positionSeconds - before.positionSeconds
        guard played > 0, played <= elapsed * Self.fastest + Self.leeway else { return nil }
        return before.positionSeconds..<ping.positionSeconds
    }

    private mutating func end(_ key: Key) {
        sessions[key] = nil
        let left = viewers(of: key.videoId) - 1
        viewers[key.videoId] = left > 0 ? left : nil
    }

    private mutating func sweep(_ now: Int64) {
        sweptAt = now
        for (key, session) in sessions where now - session.seenAt >= Self.silence { end(key) }
    }
}

extension WatchTally {
    /// What one ping adds: the span it tells of, of a video of `duration` seconds, and what its player says of itself.
    init(_ ping: Ping, played: Range<Double>?, duration: Double?, viewers: Int) {
        self.init()
        statistics.peakViewers = Int64(viewers)
        if let startup = ping.startupMilliseconds {
            statistics.startups = 1
            statistics.startupMilliseconds = startup
        }
        if let stalled = ping.stalledMilliseconds, stalled > 0 {
            statistics.stalls = 1
            statistics.stalledMilliseconds = stalled
        }
        guard let played else { return }
        statistics.watchedMilliseconds = Int64((played.upperBound - played.lowerBound) * 1_000)
        guard let duration, duration > 0 else { return }
        let length = duration / Double(Self.slots)
        let first = Int(played.lowerBound / length)
        let last = min(Self.slots - 1, Int(played.upperBound / length))
        guard first <= last else { return }
        for slot in first...last {
            let begin = max(played.lowerBound, Double(slot) * length)
            let end = min(played.upperBound, Double(slot + 1) * length)
            if end > begin { slots[slot] = Int64((end - begin) * 1_000) }
        }
    }
}
