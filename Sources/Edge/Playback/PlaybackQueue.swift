/// What the origin has still to be told, batch by batch, each until it has said that it has it.
///
///     waiting ──next──▶ under way ──kept──▶ gone
///                          │  ▲
///                          └──┘ no answer: the same batch again, under the same number
///
/// A batch that the origin will never take is dropped.
struct PlaybackQueue {
    /// One batch as it is told: the same each time.
    struct Batch: Sendable, Equatable {
        /// Greater than that of every batch before.
        let number: Int64
        let rows: [Key: PlaybackFigures]
    }

    /// A video in a minute.
    struct Key: Hashable, Sendable {
        let videoId: String
        /// Where the minute begins, in seconds since 1970.
        let minute: Int64
    }

    /// Rows that may wait: an hour of 270 videos.
    static let capacity = 16_384
    /// Rows of a batch at most.
    static let rowsPerBatch = 512

    private var waiting: [Key: PlaybackFigures] = [:]
    private var underWay: Batch?
    private var number: Int64 = 0

    /// Adds what was served in the minute that a time, in seconds since 1970, lies in; returns how many requests there is no room
    /// for.
    mutating func add(_ videos: [String: PlaybackFigures], at epochSeconds: Int64) -> Int {
        let minute = epochSeconds - epochSeconds % 60
        var lost = 0
        for (videoId, figures) in videos {
            let key = Key(videoId: videoId, minute: minute)
            if waiting[key] != nil || waiting.count < Self.capacity {
                waiting[key, default: PlaybackFigures()].add(figures)
            } else {
                lost += figures.requests
            }
        }
        return lost
    }

    /// What to tell now; nil when the origin knows all there is.
    mutating func next() -> Batch? {
        if let underWay { return underWay }
        guard !waiting.isEmpty else { return nil }
        let rows = Dictionary(uniqueKeysWithValues: waiting.prefix(Self.rowsPerBatch).map { ($0.key, $0.value) })
        for key in rows.keys { waiting[key] = nil }
        number += 1
        underWay = Batch(number: number, rows: rows)
        return underWay
    }

    /// The origin has what is under way.
    mutating func kept() { underWay = nil }

    /// The origin will not have it; returns how many requests it tells of.
    mutating func refused() -> Int {
        defer { underWay = nil }
        return underWay?.rows.values.reduce(0) { $0 + $1.requests } ?? 0
    }
}
