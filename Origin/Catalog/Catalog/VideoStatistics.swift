/// How long the spans of time are that figures are kept for.
public enum StatisticsGrain: String, Sendable, CaseIterable {
    case minute
    case hour
    case day

    /// Milliseconds.
    public var length: Int64 {
        switch self {
        case .minute: 60_000
        case .hour: 3_600_000
        case .day: 86_400_000
        }
    }

    /// How long they are kept, in milliseconds: minutes two days, hours ninety, days as long as the video.
    public var kept: Int64? {
        switch self {
        case .minute: 2 * 86_400_000
        case .hour: 90 * 86_400_000
        case .day: nil
        }
    }

    /// The beginning of the span that `time` is in, in epoch milliseconds.
    public func start(of time: Int64) -> Int64 { time - time % length }
}

/// What is known of how a video was watched in a span of time.
public struct VideoStatistics: Sendable, Equatable {
    /// Sessions that began.
    public var views: Int64 = 0
    /// Milliseconds of the video that were played, at whatever speed.
    public var watchedMilliseconds: Int64 = 0
    /// Sessions that were under way at once, at most.
    public var peakViewers: Int64 = 0
    /// Players that said how long they took to begin.
    public var startups: Int64 = 0
    /// How long those took together.
    public var startupMilliseconds: Int64 = 0
    /// Pings that told of waiting for media.
    public var stalls: Int64 = 0
    /// How long players waited for media, once they had begun.
    public var stalledMilliseconds: Int64 = 0

    /// Nothing.
    public init() {}

    /// Adds what is known besides.
    public mutating func add(_ other: VideoStatistics) {
        views += other.views
        watchedMilliseconds += other.watchedMilliseconds
        peakViewers = max(peakViewers, other.peakViewers)
        startups += other.startups
        startupMilliseconds += other.startupMilliseconds
        stalls += other.stalls
        stalledMilliseconds += other.stalledMilliseconds
    }
}

/// What a batch of pings adds to the figures of a video.
public struct WatchTally: Sendable, Equatable {
    /// Into how many parts a video is divided to say which of them were watched.
    public static let slots = 100

    /// The figures but for views, which the catalog counts.
    public var statistics = VideoStatistics()
    /// Milliseconds played of each part of the video; empty where its length is not known.
    public var slots: [Int: Int64] = [:]

    /// Nothing.
    public init() {}

    /// Adds what another batch adds.
    public mutating func add(_ other: WatchTally) {
        statistics.add(other.statistics)
        slots.merge(other.slots, uniquingKeysWith: +)
    }
}

/// Reads figures.
public protocol StatisticsReader {
    /// The figures of a video by the beginnings of their spans, `range` in epoch milliseconds, oldest first.
    func statistics(videoId: String, grain: StatisticsGrain, in range: Range<Int64>, limit: Int) throws
        -> [(start: Int64, statistics: VideoStatistics)]
    /// Milliseconds played of each part of a video.
    func retention(videoId: String) throws -> [Int64]
}

/// Changes figures.
public protocol StatisticsWriter {
    /// Adds to the figures of a video, which must exist, in the spans that `time` is in.
    func add(_ tally: WatchTally, videoId: String, at time: Int64) throws
    /// Forgets figures that are kept no longer, at most `limit` of each grain.
    func forgetStatistics(now: Int64, limit: Int) throws
}
