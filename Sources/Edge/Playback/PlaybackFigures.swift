import JSON

/// What an edge has served of a video, and what its players said of themselves (CMCD, CTA-5004) when they asked for it.
struct PlaybackFigures: Sendable, Equatable {
    /// Bytes of bodies.
    var bytes = 0
    /// Requests answered from the store.
    var hits = 0
    /// Requests for which the origin was asked.
    var misses = 0
    /// Requests with which a player said anything.
    var told = 0
    /// Those that said that the player had run out of media.
    var starved = 0
    /// Those needed to begin, to seek or to go on after running out.
    var urgent = 0
    /// Those that said how fast media came.
    var measured = 0
    /// The sum of these speeds, in kilobits a second.
    var measuredKilobits = 0

    /// Requests of either kind.
    var requests: Int { hits + misses }

    mutating func add(_ other: PlaybackFigures) {
        bytes += other.bytes
        hits += other.hits
        misses += other.misses
        told += other.told
        starved += other.starved
        urgent += other.urgent
        measured += other.measured
        measuredKilobits += other.measuredKilobits
    }

    /// The row of a report.
    func row(videoId: String, at epochSeconds: Int64) -> JSONValue {
        [
            "videoId": .string(videoId), "at": .integer(epochSeconds), "bytes": .integer(Int64(bytes)),
            "hits": .integer(Int64(hits)), "misses": .integer(Int64(misses)), "told": .integer(Int64(told)),
            "starved": .integer(Int64(starved)), "urgent": .integer(Int64(urgent)),
            "measured": .integer(Int64(measured)), "measuredKilobits": .integer(Int64(measuredKilobits)),
        ]
    }
}
