public import JSON

extension WorkPlan {
    /// The plan as JSON.
    public var json: JSONValue {
        ["outline": outline.json, "media": media, "units": .array(units.map(\.json))]
    }

    /// Reads what `json` writes; nil for anything else: unknown renditions, units out of order, none at all.
    public init?(json: JSONValue) {
        guard let outline = json["outline"].flatMap(PresentationOutline.init(json:)), let media = json["media"],
            let list = json["units"]?.array
        else { return nil }
        let units = list.compactMap(UnitOutline.init(json:))
        guard units.count == list.count, !units.isEmpty, units.map(\.number) == Array(1...units.count),
            units.allSatisfy({ $0.renditions.allSatisfy(outline.renditions.indices.contains) })
        else { return nil }
        self.init(outline: outline, media: media, units: units)
    }
}

extension UnitOutline {
    /// The unit as JSON.
    public var json: JSONValue {
        [
            "number": .integer(Int64(number)), "kind": .string(kind.rawValue),
            "renditions": .array(renditions.map { .integer(Int64($0)) }),
            "firstSegment": .integer(Int64(segments.lowerBound)), "lastSegment": .integer(Int64(segments.upperBound)),
            "memoryMebibytes": .integer(Int64(memoryMebibytes)), "detail": detail,
        ]
    }

    /// Reads what `json` writes; nil for anything else.
    public init?(json: JSONValue) {
        guard let number = json["number"]?.count, number >= 1, let kind = json["kind"]?.string.flatMap(Kind.init),
            let list = json["renditions"]?.array, let first = json["firstSegment"]?.count, first >= 1,
            let last = json["lastSegment"]?.count, last >= first, let memory = json["memoryMebibytes"]?.count,
            let detail = json["detail"]
        else { return nil }
        let renditions = list.compactMap(\.count)
        guard renditions.count == list.count, !renditions.isEmpty, renditions == Set(renditions).sorted() else {
            return nil
        }
        self.init(
            number: number, kind: kind, renditions: renditions, segments: first...last, memoryMebibytes: memory,
            detail: detail)
    }
}
