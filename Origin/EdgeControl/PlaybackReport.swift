internal import Bytes
public import Catalog
internal import JSON

/// What an edge has served of each video, minute by minute, since its last report.
///
/// `{"run", "number", "videos": [{"videoId", "at", …figures}]}`: the run names one process of the edge, the number grows from
/// report to report of it, `at` is any second of the minute, in seconds since 1970.
public struct PlaybackReport: Sendable, Equatable {
    /// One video in one minute.
    public struct Row: Sendable, Equatable {
        /// Of the video, which need not exist.
        public let videoId: String
        /// Epoch milliseconds.
        public let time: Int64
        /// What was served of it.
        public let statistics: VideoStatistics
    }

    /// Why a document is no report.
    public struct Refused: Error, CustomStringConvertible {
        /// What a report is like.
        public let description: String
    }

    /// Rows of one report at most.
    public static let rows = 512

    /// One process of the edge.
    public let run: String
    /// Which of its reports this is, from 1.
    public let number: Int64
    /// What it says, in its order.
    public let rows: [Row]

    /// The figures by their names in a row, and what each may be at most: more than any edge serves in a minute.
    private static let figures:
        [(name: String, figure: any WritableKeyPath<VideoStatistics, Int64> & Sendable, most: Int64)] = [
            ("bytes", \.bytes, 1 << 44), ("hits", \.hits, 1 << 32), ("misses", \.misses, 1 << 32),
            ("told", \.told, 1 << 32), ("starved", \.starved, 1 << 32), ("urgent", \.urgent, 1 << 32),
            ("measured", \.measured, 1 << 32), ("measuredKilobits", \.measuredKilobits, 1 << 44),
        ]

    /// Reads a report; of one that is wrong in any place nothing counts. Members that this version does not know are passed over.
    public init(_ bytes: [UInt8]) throws(Refused) {
        guard let document = (try? JSONValue.parse(bytes))?.object, let run = document["run"]?.string,
            ASCII.isName(run, of: 16...64), let number = document["number"]?.integer, number > 0,
            let videos = document["videos"]?.array
        else { throw Refused(description: "a report has run, number and videos") }
        guard videos.count <= Self.rows else { throw Refused(description: "a report has at most \(Self.rows) rows") }
        self.run = run
        self.number = number
        var rows: [Row] = []
        for video in videos { rows.append(try Row(video)) }
        self.rows = rows
    }

    fileprivate static func statistics(_ row: JSONObject) throws(Refused) -> VideoStatistics {
        var statistics = VideoStatistics()
        for (name, figure, most) in figures {
            guard let value = row[name]?.integer, (0...most).contains(value) else {
                throw Refused(description: "\(name) of a row is a whole number from 0 to \(most)")
            }
            statistics[keyPath: figure] = value
        }
        return statistics
    }
}

extension PlaybackReport.Row {
    fileprivate init(_ value: JSONValue) throws(PlaybackReport.Refused) {
        guard let row = value.object, let videoId = row["videoId"]?.string, ASCII.isName(videoId),
            let second = row["at"]?.integer, (0...(1 << 40)).contains(second)
        else { throw PlaybackReport.Refused(description: "a row has videoId and at") }
        self.init(videoId: videoId, time: second * 1_000, statistics: try PlaybackReport.statistics(row))
    }
}
