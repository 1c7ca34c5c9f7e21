public import JSON

extension PresentationOutline {
    /// Seven sizes in each codec, eight sounds in two forms each, 32 subtitles and four by-products are fewer.
    static let maximumRenditions = 80

    /// The outline as JSON.
    public var json: JSONValue {
        [
            "targetDurationSeconds": .integer(Int64(targetDurationSeconds)),
            "durationSeconds": .number(durationSeconds), "renditions": .array(renditions.map(\.json)),
            "explanation": explanation,
        ]
    }

    /// Reads what `json` writes; nil for anything else, since it may come from a process that has read a hostile file.
    public init?(json: JSONValue) {
        guard let target = json["targetDurationSeconds"]?.count, (1...3600).contains(target),
            let seconds = json["durationSeconds"]?.number, (0...31_536_000).contains(seconds),
            let list = json["renditions"]?.array, let explanation = json["explanation"]
        else { return nil }
        let renditions = list.compactMap(RenditionOutline.init(json:))
        guard renditions.count == list.count, !renditions.isEmpty, renditions.count <= Self.maximumRenditions,
            Set(renditions.map(\.name)).count == renditions.count
        else { return nil }
        self.init(
            renditions: renditions, targetDurationSeconds: target, durationSeconds: seconds, explanation: explanation)
    }
}

extension RenditionOutline {
    var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name), "codec": .string(codec), "declaredPeak": .integer(Int64(declaredPeak)),
            "declaredAverage": .integer(Int64(declaredAverage)),
        ]
        if copiedShare > 0 { object["copied"] = .number(copiedShare) }
        switch content {
        case .video(let width, let height, let rate):
            object["width"] = .integer(Int64(width))
            object["height"] = .integer(Int64(height))
            object["frameRateThousandths"] = .integer(Int64(rate))
        case .audio(let language, let channels, let isDefault, let track):
            if let language { object["language"] = .string(language) }
            object["channels"] = .integer(Int64(channels))
            object["default"] = .bool(isDefault)
            object["track"] = .integer(Int64(track))
        case .subtitles(let language, let title, let isForced, let describesSound):
            var subtitles: JSONObject = ["forced": .bool(isForced), "describesSound": .bool(describesSound)]
            if let language { subtitles["language"] = .string(language) }
            if let title { subtitles["title"] = .string(title) }
            object["subtitles"] = .object(subtitles)
        case .trickPlay(let width, let height):
            object["trickPlay"] = [.integer(Int64(width)), .integer(Int64(height))]
        case .storyboard(let width, let height, let tiles):
            object["storyboard"] = [.integer(Int64(width)), .integer(Int64(height)), .integer(Int64(tiles))]
        case .poster(let width, let height):
            object["poster"] = [.integer(Int64(width)), .integer(Int64(height))]
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.string, Self.isFolderName(name), let codec = json["codec"]?.string,
            Self.isCodec(codec), let peak = json["declaredPeak"]?.integer,
            let average = json["declaredAverage"]?.integer,
            (0...1_000_000_000).contains(peak), (0...1_000_000_000).contains(average),
            let content = Content(json: json)
        else { return nil }
        self.init(name: name, content: content, codec: codec, declaredPeak: Int(peak), declaredAverage: Int(average))
        guard let copied = json["copied"] else { return }
        // Presentations of before parts were copied say true for the whole.
        guard let share = copied.bool == true ? 1 : copied.number, share > 0, share <= 1, isVideo else { return nil }
        copiedShare = share
    }

    /// Names become parts of object keys, so only harmless ones are read.
    fileprivate static func isFolderName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    /// Titles stand between quotes in playlists, and are shown to people.
    fileprivate static func isTitle(_ title: String) -> Bool {
        (1...512).contains(title.utf8.count)
            && title.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && $0 != "\"" }
    }

    private static func isCodec(_ codec: String) -> Bool {
        (1...64).contains(codec.utf8.count)
            && codec.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") }
    }
}

extension RenditionOutline.Content {
    fileprivate init?(json: JSONValue) {
        if let width = json["width"]?.count {
            guard let height = json["height"]?.count, let rate = json["frameRateThousandths"]?.count else { return nil }
            self = .video(width: width, height: height, frameRateThousandths: rate)
        } else if let size = json["trickPlay"]?.array?.compactMap(\.count) {
            guard size.count == 2 else { return nil }
            self = .trickPlay(width: size[0], height: size[1])
        } else if let size = json["storyboard"]?.array?.compactMap(\.count) {
            guard size.count == 3, size[2] > 0 else { return nil }
            self = .storyboard(width: size[0], height: size[1], tiles: size[2])
        } else if let size = json["poster"]?.array?.compactMap(\.count) {
            guard size.count == 2 else { return nil }
            self = .poster(width: size[0], height: size[1])
        } else if let subtitles = json["subtitles"] {
            guard let isForced = subtitles["forced"]?.bool, let describesSound = subtitles["describesSound"]?.bool,
                let language = subtitles.text("language", where: RenditionOutline.isFolderName),
                let title = subtitles.text("title", where: RenditionOutline.isTitle)
            else { return nil }
            self = .subtitles(language: language, title: title, isForced: isForced, describesSound: describesSound)
        } else {
            guard let channels = json["channels"]?.count, let isDefault = json["default"]?.bool,
                let language = json.text("language", where: RenditionOutline.isFolderName),
                // Presentations of before there was more than one rendition of a sound have no number.
                let track = json["track"].map(\.count) ?? 0
            else { return nil }
            self = .audio(language: language, channels: channels, isDefault: isDefault, track: track)
        }
    }
}

extension JSONValue {
    /// A text that need not be there; nil if it is, and is not as it should be.
    fileprivate func text(_ key: String, where isRight: (String) -> Bool) -> String?? {
        guard let value = self[key] else { return .some(nil) }
        guard let text = value.string, isRight(text) else { return nil }
        return text
    }

    /// A count, an index or a size in pixels: 0 to 10 million.
    var count: Int? {
        guard let integer, (0...10_000_000).contains(integer) else { return nil }
        return Int(integer)
    }
}
