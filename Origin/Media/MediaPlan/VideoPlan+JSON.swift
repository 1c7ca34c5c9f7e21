public import JSON

extension VideoPlan {
    var json: JSONValue {
        var object: JSONObject = [
            "stream": .integer(Int64(streamIndex)), "width": .integer(Int64(sourceWidth)),
            "height": .integer(Int64(sourceHeight)), "orientation": orientation.json,
            "deinterlaces": .bool(deinterlaces), "colour": colour.json, "rungs": .array(rungs.map(\.json)),
            "byProducts": byProducts.json, "preset": .string(preset),
        ]
        if let copy { object["copy"] = copy.json }
        if !alternatives.isEmpty { object["alternatives"] = .array(alternatives.map(\.json)) }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let stream = json["stream"]?.bounded(0...1000), let width = json["width"]?.bounded(1...1 << 16),
            let height = json["height"]?.bounded(1...1 << 16),
            let orientation = json["orientation"].flatMap(Orientation.init(json:)),
            let deinterlaces = json["deinterlaces"]?.bool, let colour = json["colour"].flatMap(ColourPlan.init(json:)),
            let rungs = json["rungs"]?.all(Rung.init(json:)), !rungs.isEmpty, rungs.count <= 16,
            rungs.allSatisfy({ $0.codec == .h264 }),
            let alternatives = (json["alternatives"] ?? []).all(Rung.init(json:)), alternatives.count <= 16,
            alternatives.allSatisfy({ $0.codec != .h264 }),
            let byProducts = json["byProducts"].flatMap({ ByProductPlan(json: $0, rungs: rungs.count) }),
            let preset = json["preset"]?.string, (1...16).contains(preset.utf8.count),
            preset.utf8.allSatisfy({ (0x61...0x7a).contains($0) })
        else { return nil }
        let copy = json["copy"].flatMap(PictureCopy.init(json:))
        guard (copy != nil) == (json["copy"] != nil) else { return nil }
        self.init(
            streamIndex: stream, sourceWidth: width, sourceHeight: height, orientation: orientation,
            deinterlaces: deinterlaces, colour: colour, rungs: rungs, alternatives: alternatives, copy: copy,
            byProducts: byProducts,
            preset: preset)
    }
}

extension ByProductPlan {
    var json: JSONValue {
        [
            "trickPlays": .array(
                trickPlays.map { [.integer(Int64($0.rung)), .integer(Int64($0.maximumBitsPerSecond))] }),
            "tileWidth": .integer(Int64(tileWidth)), "tileHeight": .integer(Int64(tileHeight)),
        ]
    }

    init?(json: JSONValue, rungs: Int) {
        let read = { (pair: JSONValue) -> TrickPlay? in
            guard pair.array?.count == 2, let rung = pair[0]?.bounded(0...rungs - 1),
                let rate = pair[1]?.bounded(1000...1_000_000_000)
            else { return nil }
            return TrickPlay(rung: rung, maximumBitsPerSecond: rate)
        }
        guard let trickPlays = json["trickPlays"]?.all(read), (1...4).contains(trickPlays.count),
            let width = json["tileWidth"]?.bounded(2...512), let height = json["tileHeight"]?.bounded(2...512),
            width.isMultiple(of: 2), height.isMultiple(of: 2)
        else { return nil }
        self.init(trickPlays: trickPlays, tileWidth: width, tileHeight: height)
    }
}

extension Orientation {
    var json: JSONValue { [.bool(transposes), .bool(flipsHorizontally), .bool(flipsVertically)] }

    init?(json: JSONValue) {
        guard let steps = json.all(\.bool), steps.count == 3 else { return nil }
        self.init(transposes: steps[0], flipsHorizontally: steps[1], flipsVertically: steps[2])
    }
}

extension ColourPlan {
    var json: JSONValue {
        var object: JSONObject = [
            "transfer": .string(transfer.rawValue), "primaries": .integer(Int64(encoded.primaries)),
            "outputTransfer": .integer(Int64(encoded.transfer)), "matrix": .integer(Int64(encoded.matrix)),
        ]
        if let sourceMatrix { object["sourceMatrix"] = .integer(Int64(sourceMatrix)) }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let transfer = json["transfer"]?.string.flatMap(ProbedVideo.Transfer.init),
            let primaries = json["primaries"]?.bounded(1...22), let output = json["outputTransfer"]?.bounded(1...18),
            let matrix = json["matrix"]?.bounded(1...14)
        else { return nil }
        let source = json["sourceMatrix"]?.bounded(1...14)
        guard (source != nil) == (json["sourceMatrix"] != nil), Self.knownMatrices.contains(source ?? 1) else {
            return nil
        }
        self.init(
            sourceMatrix: source, transfer: transfer,
            encoded: EncodedColour(primaries: primaries, transfer: output, matrix: matrix))
    }
}

extension Rung {
    var json: JSONValue {
        [
            "name": .string(name), "codec": .string(codec.rawValue), "width": .integer(Int64(width)),
            "height": .integer(Int64(height)),
            "maximumBitsPerSecond": .integer(Int64(maximumBitsPerSecond)),
            "constantRateFactor": .number(constantRateFactor), "frameStep": .integer(Int64(frameStep)),
        ]
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.string, (1...32).contains(name.utf8.count),
            let codec = json["codec"]?.string.flatMap(VideoCodec.init),
            let width = json["width"]?.bounded(2...8192), let height = json["height"]?.bounded(2...8192),
            width.isMultiple(of: 2), height.isMultiple(of: 2),
            let rate = json["maximumBitsPerSecond"]?.bounded(1000...1_000_000_000),
            let factor = json["constantRateFactor"]?.number, (0...51).contains(factor),
            let step = json["frameStep"]?.bounded(1...2)
        else { return nil }
        self.init(
            name: name, codec: codec, width: width, height: height, maximumBitsPerSecond: rate,
            constantRateFactor: factor,
            frameStep: step)
    }
}

extension PictureSpan {
    /// The way to the first frame as JSON; which frames there are follows from the segments.
    public var json: JSONValue {
        var object: JSONObject = [
            "firstFrame": .integer(Int64(frames.lowerBound)), "endFrame": .integer(Int64(frames.upperBound)),
            "needed": .integer(needed),
        ]
        if let key {
            object["key"] = [.integer(key.presentation), .integer(key.decoding), .integer(key.position)]
        }
        return .object(object)
    }

    /// Reads what `json` writes for a run of `segments`; nil unless these are the frames that `grid` says.
    public init?(json: JSONValue, segments: ClosedRange<Int>, plan: MediaPlan) {
        guard let first = json["firstFrame"]?.bounded(0...1 << 31), let end = json["endFrame"]?.bounded(0...1 << 31),
            let needed = json["needed"]?.integer, segments.lowerBound >= 1,
            segments.upperBound <= plan.grid.segments(frames: plan.frames),
            first == plan.grid.firstFrame(ofSegment: segments.lowerBound), first < end,
            end == min(plan.grid.firstFrame(ofSegment: segments.upperBound + 1), plan.frames)
        else { return nil }
        var key: MeasuredPictures.Key?
        if let times = json["key"] {
            guard let numbers = times.all(\.integer), numbers.count == 3 else { return nil }
            key = .init(presentation: numbers[0], decoding: numbers[1], position: numbers[2])
        }
        self.init(segments: segments, frames: first..<end, key: key, needed: needed)
    }
}
