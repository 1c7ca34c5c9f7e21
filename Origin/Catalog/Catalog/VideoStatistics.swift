/// What is known of how a video was watched in a span of time: what players tell the origin, and what edges have seen.
public struct VideoStatistics: Sendable, Equatable {
    /// Sessions that were under way at once, at most.
    public var peakViewers: Int64 = 0
    /// Sessions that began.
    public var views: Int64 = 0
    /// Milliseconds of the video that were played, at whatever speed.
    public var watchedMilliseconds: Int64 = 0
    /// Players that said how long they took to begin.
    public var startups: Int64 = 0
    /// How long those took together.
    public var startupMilliseconds: Int64 = 0
    /// Pings that told of waiting for media.
    public var stalls: Int64 = 0
    /// How long players waited for media, once they had begun.
    public var stalledMilliseconds: Int64 = 0
    /// Bytes of bodies that edges sent.
    public var bytes: Int64 = 0
    /// Requests that edges answered from what they had.
    public var hits: Int64 = 0
    /// Requests for which they asked the origin.
    public var misses: Int64 = 0
    /// Requests with which players told of themselves (CMCD, CTA-5004).
    public var told: Int64 = 0
    /// Those of them that said that the player ran out of media (`bs`).
    public var starved: Int64 = 0
    /// Those that were needed to begin, to seek or to go on after running out (`su`).
    public var urgent: Int64 = 0
    /// Those that said how fast media came (`mtp`).
    public var measured: Int64 = 0
    /// Those speeds together, in kilobits a second.
    public var measuredKilobits: Int64 = 0

    /// The figures that add up, each with its column.
    static let sums: [(column: String, figure: any WritableKeyPath<VideoStatistics, Int64> & Sendable)] = [
        ("views", \.views), ("watched_ms", \.watchedMilliseconds), ("startups", \.startups),
        ("startup_ms", \.startupMilliseconds), ("stalls", \.stalls), ("stalled_ms", \.stalledMilliseconds),
        ("bytes", \.bytes), ("hits", \.hits), ("misses", \.misses), ("told", \.told), ("starved", \.starved),
        ("urgent", \.urgent), ("measured", \.measured), ("measured_kbps", \.measuredKilobits),
    ]

    /// Nothing.
    public init() {}

    /// Adds what is known besides.
    public mutating func add(_ other: VideoStatistics) {
        peakViewers = max(peakViewers, other.peakViewers)
        for (_, figure) in Self.sums where other[keyPath: figure] != 0 {
            self[keyPath: figure] += other[keyPath: figure]
        }
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

/// Names what is added at once, so that the same adds nothing when it comes again.
public struct StatisticsBatch: Sendable, Equatable {
    /// What adds: one run of one process.
    public let source: String
    /// Greater than that of every batch before of the same source.
    public let number: Int64

    /// Makes a name.
    public init(source: String, number: Int64) {
        self.source = source
        self.number = number
    }
}

/// What pings add to the figures of videos in one write.
public struct TallyBatch: Sendable, Equatable {
    /// Its name.
    public let id: StatisticsBatch
    /// By video.
    public let tallies: [String: WatchTally]

    /// Puts the parts together.
    public init(_ id: StatisticsBatch, _ tallies: [String: WatchTally]) {
        self.id = id
        self.tallies = tallies
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
    /// Whether the batch has not been added; it has from now on.
    func isNew(_ batch: StatisticsBatch, at time: Int64) throws -> Bool
    /// Adds to the figures of a video in the spans that `time` is in. Returns false for one that does not exist.
    @discardableResult
    func add(_ tally: WatchTally, videoId: String, at time: Int64) throws -> Bool
    /// Forgets figures that are kept no longer, at most `limit` of each grain, and sources of which nothing was heard for as
    /// long as minutes are kept.
    func forgetStatistics(now: Int64, limit: Int) throws
}
