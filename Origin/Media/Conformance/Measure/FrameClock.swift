/// Frame durations and key frames over a whole rendition.
struct FrameClock {
    private(set) var frames = 0
    private var nanosecondsOfAll: Int64 = 0
    /// Frames by duration in nanoseconds; the rates of real films are few.
    private var counts: [Int64: Int] = [:]
    private var lastKeyFrame: Int64?
    /// Longest way from one key frame to the next.
    private(set) var longestKeyFrameNanoseconds: Int64?

    mutating func add(frameNanoseconds: Int64) {
        frames += 1
        nanosecondsOfAll &+= frameNanoseconds
        if counts.count < 64 || counts[frameNanoseconds] != nil { counts[frameNanoseconds, default: 0] += 1 }
    }

    mutating func addKeyFrame(at nanoseconds: Int64) {
        if let lastKeyFrame { note(nanoseconds &- lastKeyFrame) }
        lastKeyFrame = nanoseconds
    }

    /// Ends a run of key frames: at a discontinuity, or at the end of the film.
    mutating func end(at nanoseconds: Int64?) {
        if let lastKeyFrame, let nanoseconds { note(nanoseconds &- lastKeyFrame) }
        lastKeyFrame = nil
    }

    private mutating func note(_ spacing: Int64) {
        longestKeyFrameNanoseconds = max(longestKeyFrameNanoseconds ?? 0, spacing)
    }

    /// Frames per second over everything.
    var averageRate: Double? {
        nanosecondsOfAll > 0 ? Double(frames) * 1_000_000_000 / Double(nanosecondsOfAll) : nil
    }

    /// Frames per second of the duration most frames have.
    var usualRate: Double? { usualNanoseconds.map { 1_000_000_000 / Double($0) } }

    /// The duration most frames have.
    var usualNanoseconds: Int64? {
        counts.filter { $0.key > 0 }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// The rate to state: of the usual frame where almost all are alike, else that over everything.
    var rate: Double? {
        guard let usual = usualNanoseconds, let count = counts[usual] else { return averageRate }
        return count * 20 >= frames * 19 ? usualRate : averageRate
    }
}
