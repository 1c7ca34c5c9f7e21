public import JSON
public import MediaPlan

/// What a unit of work has learned and used.
public struct UnitNotes: Sendable, Equatable {
    /// Packets given to decoders.
    public var packets: Int
    /// Packets they could not use.
    public var brokenPackets: Int
    /// Frames they gave, of pictures or of sound.
    public var frames: Int
    /// Processor time of the process, in milliseconds.
    public var processorMilliseconds: Int
    /// What had to be decided on the way; at most `maximumDecisions`.
    public var decisions: [MediaPlan.Decision]
    /// Where scenes begin in the film, in microseconds; at most `maximumSceneCuts`.
    public var sceneCuts: [Int64] = []
    /// How loud the sound is that was decoded from its beginning to its end.
    public var loudness: [Loudness] = []

    /// Two for each stream of a file: what of it is damaged, and what of it was left out.
    public static let maximumDecisions = 2 * ProbedMedia.maximumStreams
    /// More than these are not noted.
    public static let maximumSceneCuts = 2000

    /// Notes nothing unless told.
    public init(
        packets: Int = 0, brokenPackets: Int = 0, frames: Int = 0, processorMilliseconds: Int = 0,
        decisions: [MediaPlan.Decision] = []
    ) {
        self.packets = packets
        self.brokenPackets = brokenPackets
        self.frames = frames
        self.processorMilliseconds = processorMilliseconds
        self.decisions = decisions
    }
}

extension UnitNotes {
    /// The notes as JSON.
    public var json: JSONValue {
        [
            "packets": .integer(Int64(packets)), "brokenPackets": .integer(Int64(brokenPackets)),
            "frames": .integer(Int64(frames)), "processorMilliseconds": .integer(Int64(processorMilliseconds)),
            "decisions": .array(decisions.map(\.json)),
            "sceneCutsMicroseconds": .array(sceneCuts.map { .integer($0) }), "loudness": .array(loudness.map(\.json)),
        ]
    }

    /// Reads what `json` writes; nil for anything else, since it comes from a process that has read a hostile file.
    public init?(json: JSONValue) {
        let names = ["packets", "brokenPackets", "frames", "processorMilliseconds"]
        let counts = names.compactMap { json[$0]?.integer }.filter { $0 >= 0 }
        guard counts.count == names.count, let list = json["decisions"]?.array, list.count <= Self.maximumDecisions,
            let cuts = json["sceneCutsMicroseconds"]?.array, cuts.count <= Self.maximumSceneCuts,
            let sounds = json["loudness"]?.array, sounds.count <= ProbedMedia.maximumStreams
        else { return nil }
        let decisions = list.compactMap(MediaPlan.Decision.init(json:))
        let times = cuts.compactMap(\.integer).filter { $0 >= 0 }
        let loudness = sounds.compactMap(Loudness.init(json:))
        guard decisions.count == list.count, times.count == cuts.count, loudness.count == sounds.count else {
            return nil
        }
        self.init(
            packets: Int(counts[0]), brokenPackets: Int(counts[1]), frames: Int(counts[2]),
            processorMilliseconds: Int(counts[3]), decisions: decisions)
        self.sceneCuts = times
        self.loudness = loudness
    }
}
