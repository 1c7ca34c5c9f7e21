public import JSON

/// The plan as it travels from the process that probes to those that do the work; what is read may have been written by a
/// process that a hostile file has taken over, so every number is bounded.
extension MediaPlan {
    /// The plan as JSON.
    public var json: JSONValue {
        var object: JSONObject = [
            "audio": .array(audio.map(\.json)), "subtitles": .array(subtitles.map(\.json)), "grid": grid.json,
            "frames": .integer(Int64(frames)),
            "samples": .integer(samples), "originMicroseconds": .integer(originMicroseconds),
            "repairsClock": .bool(repairsClock), "decisions": .array(decisions.map(\.json)),
        ]
        if let video { object["video"] = video.json }
        return .object(object)
    }

    /// Reads what `json` writes; nil for anything else.
    public init?(json: JSONValue) {
        guard let grid = json["grid"].flatMap(FrameGrid.init(json:)), let frames = json["frames"]?.bounded(0...1 << 31),
            let samples = json["samples"]?.integer, (0...1 << 41).contains(samples),
            let origin = json["originMicroseconds"]?.integer, origin.magnitude <= 1 << 60,
            let repairs = json["repairsClock"]?.bool,
            let audio = json["audio"]?.all(AudioPlan.init(json:)), audio.count <= 64,
            let subtitles = json["subtitles"]?.all(SubtitlePlan.init(json:)),
            subtitles.count <= SubtitlePlan.maximumCount,
            let decisions = json["decisions"]?.all(Decision.init(json:))
        else { return nil }
        let video = json["video"].flatMap(VideoPlan.init(json:))
        guard (video != nil) == (json["video"] != nil), video != nil || !audio.isEmpty else { return nil }
        self.video = video
        self.audio = audio
        self.subtitles = subtitles
        self.grid = grid
        self.frames = frames
        self.samples = samples
        originMicroseconds = origin
        repairsClock = repairs
        self.decisions = decisions
    }
}

extension MediaPlan.Decision {
    /// The choice as JSON.
    public var json: JSONValue {
        ["subject": .string(subject), "choice": .string(choice), "reason": .string(reason)]
    }

    /// Reads what `json` writes; nil for anything else.
    public init?(json: JSONValue) {
        let texts = ["subject", "choice", "reason"].compactMap { json[$0]?.string }
        guard texts.count == 3, texts.allSatisfy({ $0.utf8.count <= 2000 }) else { return nil }
        self.init(texts[0], texts[1], because: texts[2])
    }
}

extension FrameGrid {
    var json: JSONValue {
        var object: JSONObject = ["rate": rate.json]
        if let cuts { object["cuts"] = .array(cuts.map { .integer(Int64($0)) }) }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let rate = json["rate"].flatMap(Rational.init(json:)), rate.value >= 1, rate.value <= 240,
            rate.numerator <= 1 << 20
        else { return nil }
        guard let cuts = json["cuts"] else {
            self.init(rate: rate)
            return
        }
        guard let frames = cuts.all({ $0.bounded(0...1 << 31) }) else { return nil }
        self.init(rate: rate, cuts: frames)
    }
}

extension Rational {
    var json: JSONValue { [.integer(Int64(numerator)), .integer(Int64(denominator))] }

    init?(json: JSONValue) {
        guard json.array?.count == 2, let numerator = json[0]?.bounded(1...Int(Int32.max)),
            let denominator = json[1]?.bounded(1...Int(Int32.max))
        else { return nil }
        self.init(numerator, denominator)
    }
}

extension AudioPlan {
    var json: JSONValue {
        var object: JSONObject = [
            "stream": .integer(Int64(streamIndex)), "name": .string(name), "default": .bool(isDefault),
            "bitsPerSecond": .integer(Int64(bitsPerSecond)), "channels": .integer(Int64(channels)),
        ]
        if let language { object["language"] = .string(language) }
        if let copy { object["copy"] = copy.json }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let stream = json["stream"]?.bounded(0...1000), let name = json["name"]?.string, name.utf8.count <= 32,
            let channels = json["channels"]?.bounded(2...6), channels == 2 || channels == 6,
            let isDefault = json["default"]?.bool, let rate = json["bitsPerSecond"]?.bounded(1...1_000_000),
            let language = json.text("language")
        else { return nil }
        self.init(
            streamIndex: stream, name: name, channels: channels, language: language, isDefault: isDefault,
            bitsPerSecond: rate)
        // Plans of before sound was copied do not mention it.
        copy = json["copy"].flatMap(SoundCopy.init(json:))
        guard (copy != nil) == (json["copy"] != nil) else { return nil }
    }
}

extension SubtitlePlan {
    var json: JSONValue {
        var object: JSONObject = [
            "stream": .integer(Int64(streamIndex)), "name": .string(name), "forced": .bool(isForced),
            "describesSound": .bool(describesSound),
        ]
        if let language { object["language"] = .string(language) }
        if let title { object["title"] = .string(title) }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let stream = json["stream"]?.bounded(0...1000), let name = json["name"]?.string, name.utf8.count <= 32,
            let isForced = json["forced"]?.bool, let describesSound = json["describesSound"]?.bool,
            let language = json.text("language"), let title = json.text("title")
        else { return nil }
        self.init(
            streamIndex: stream, name: name, language: language, title: title, isForced: isForced,
            describesSound: describesSound)
    }
}

extension JSONValue {
    func bounded(_ range: ClosedRange<Int>) -> Int? {
        integer.flatMap(Int.init(exactly:)).flatMap { range.contains($0) ? $0 : nil }
    }

    /// A short text that need not be there; nil if something else is.
    func text(_ key: String) -> String?? {
        guard let value = self[key] else { return .some(nil) }
        guard let text = value.string, text.utf8.count <= 1024 else { return nil }
        return text
    }

    /// Bytes as an array of numbers.
    static func bytes(_ bytes: [UInt8]) -> JSONValue { .array(bytes.map { .integer(Int64($0)) }) }

    /// Bytes as `bytes(_:)` writes them; nil for more than `most`, and for anything else.
    func bytes(atMost most: Int) -> [UInt8]? {
        guard array?.count ?? 0 <= most else { return nil }
        return all { $0.bounded(0...255).map(UInt8.init) }
    }

    /// All elements read by `body`; nil if this is no array or one of them cannot be read.
    func all<Element>(_ body: (JSONValue) -> Element?) -> [Element]? {
        guard let array else { return nil }
        let elements = array.compactMap(body)
        return elements.count == array.count ? elements : nil
    }
}
