internal import CMAF
internal import JSON

extension PictureCopy {
    var json: JSONValue {
        [
            "sets": .array(sets.map(\.json)),
            "runs": .array(
                runs.map {
                    [
                        .integer(Int64($0.segments.lowerBound)), .integer(Int64($0.segments.upperBound)),
                        .integer(Int64($0.sets)),
                    ]
                }),
            "reorderFrames": .integer(Int64(reorderFrames)),
            "colour": [
                .integer(Int64(colour.primaries)), .integer(Int64(colour.transfer)), .integer(Int64(colour.matrix)),
            ],
            "peakBitsPerSecond": .integer(Int64(peakBitsPerSecond)),
            "averageBitsPerSecond": .integer(Int64(averageBitsPerSecond)),
        ]
    }

    init?(json: JSONValue) {
        guard let reorder = json["reorderFrames"]?.bounded(0...16),
            let codes = json["colour"]?.all({ $0.bounded(1...22) }), codes.count == 3,
            let peak = json["peakBitsPerSecond"]?.bounded(1...900_000_000),
            let average = json["averageBitsPerSecond"]?.bounded(1...900_000_000),
            let sets = json["sets"]?.all(ParameterSets.init(json:)), (1...Self.mostSets).contains(sets.count),
            let runs = json["runs"]?.all({ Run(json: $0, sets: sets.count) }), !runs.isEmpty,
            zip(runs, runs.dropFirst()).allSatisfy({ $0.segments.upperBound + 1 < $1.segments.lowerBound })
        else { return nil }
        self.init(
            sets: sets, runs: runs, reorderFrames: reorder,
            colour: EncodedColour(primaries: codes[0], transfer: codes[1], matrix: codes[2]),
            peakBitsPerSecond: peak, averageBitsPerSecond: average)
    }
}

extension PictureCopy.Run {
    fileprivate init?(json: JSONValue, sets: Int) {
        guard json.array?.count == 3, let first = json[0]?.bounded(1...1 << 24),
            let last = json[1]?.bounded(first...1 << 24), let set = json[2]?.bounded(0...sets - 1)
        else { return nil }
        self.init(segments: first...last, sets: set)
    }
}

extension PictureCopy.ParameterSets {
    /// No header of a film has longer ones.
    private static var mostBytes: Int { 4096 }

    fileprivate var json: JSONValue {
        [
            "sequence": .bytes(sequence), "picture": .bytes(picture),
            "numbers": [.integer(Int64(numbers.sequence)), .integer(Int64(numbers.picture))],
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let sequence = json["sequence"]?.bytes(atMost: Self.mostBytes),
            let picture = json["picture"]?.bytes(atMost: Self.mostBytes),
            let sequenceNumber = json["numbers"]?[0]?.bounded(0...31),
            let pictureNumber = json["numbers"]?[1]?.bounded(0...255), json["numbers"]?.array?.count == 2
        else { return nil }
        self.init(
            sequence: sequence, picture: picture,
            numbers: AVCParameterSets.Numbers(sequence: sequenceNumber, picture: pictureNumber))
    }
}
