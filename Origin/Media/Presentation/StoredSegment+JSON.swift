public import JSON

extension StoredSegment {
    /// The segment as JSON.
    public var json: JSONValue {
        var object: JSONObject = [
            "rendition": .integer(Int64(rendition)), "number": .integer(Int64(number)),
            "bytes": .integer(Int64(bytes)), "durationMicroseconds": .integer(durationMicroseconds),
            "sha256": .string(sha256),
        ]
        if !fragments.isEmpty { object["fragments"] = Fragment.json(fragments) }
        return .object(object)
    }

    /// Reads what `json` writes; nil for anything else, fragments that are not the whole segment among it.
    public init?(json: JSONValue) {
        guard let rendition = json["rendition"]?.count, let number = json["number"]?.count, number >= 1,
            let bytes = json["bytes"]?.integer, (1...Int64(Int32.max)).contains(bytes),
            let duration = json["durationMicroseconds"]?.integer,
            (1...Self.maximumMicroseconds).contains(duration), let sha256 = json["sha256"]?.string,
            Self.isHash(sha256)
        else { return nil }
        var fragments: [Fragment] = []
        if let list = json["fragments"] {
            guard let read = Fragment.list(json: list), !read.isEmpty,
                read.reduce(0, { $0 + $1.bytes }) <= Int(bytes)
            else { return nil }
            fragments = read
        }
        self.init(
            rendition: rendition, number: number, bytes: Int(bytes), durationMicroseconds: duration, sha256: sha256,
            fragments: fragments)
    }

    private static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension StoredSegment.Fragment {
    /// Fragments as JSON: a list of pairs of length and duration.
    public static func json(_ fragments: [Self]) -> JSONValue {
        .array(fragments.map { [.integer(Int64($0.bytes)), .integer($0.durationMicroseconds)] })
    }

    /// Reads what `json` writes; nil for anything else.
    public static func list(json: JSONValue) -> [Self]? {
        guard let pairs = json.array, pairs.count <= 4096 else { return nil }
        let fragments = pairs.compactMap { pair -> Self? in
            guard pair.array?.count == 2, let bytes = pair[0]?.integer, (1...Int64(Int32.max)).contains(bytes),
                let duration = pair[1]?.integer, (1...StoredSegment.maximumMicroseconds).contains(duration)
            else { return nil }
            return Self(bytes: Int(bytes), durationMicroseconds: duration)
        }
        return fragments.count == pairs.count ? fragments : nil
    }
}
