internal import Bytes
internal import Catalog
internal import HTTPWire
internal import JSON
internal import Jobs
internal import MediaPlan
internal import Presentation

extension UnitLease {
    /// The unit as a worker is given it.
    func json(leaseSeconds: Int) throws -> JSONObject {
        var object: JSONObject = [
            "jobId": .string(job.id), "number": .integer(Int64(unit.number)), "kind": .string(unit.kind.rawValue),
            "fence": .integer(unit.fence), "videoId": .string(job.videoId),
            "source": [
                "bucket": .string(job.source.bucket), "key": .string(job.source.key), "size": .integer(job.source.size),
                "etag": .string(job.source.etag),
            ],
            "mediaPrefix": .string(PublishedMedia.folder(of: job.videoId)),
            "leaseSeconds": .integer(Int64(leaseSeconds)), "attempt": .integer(Int64(unit.attempts)),
            "stored": .array(
                stored.map { segment in
                    [
                        "rendition": .integer(Int64(segment.rendition)), "number": .integer(Int64(segment.number)),
                        "sha256": .string(segment.sha256),
                    ]
                }),
        ]
        if unit.kind == .probe { object["transcode"] = options.json }
        if let plan {
            object["outline"] = try StoredDocument.parse(plan.outline)
            // A check knows all it needs from what is published.
            if unit.kind != .finish { object["media"] = try StoredDocument.parse(plan.media) }
        }
        if let contentKey { object["contentKey"] = .string(Hex.encode(contentKey.bytes)) }
        if let detail = unit.detail { object["detail"] = try StoredDocument.parse(detail) }
        return object
    }
}

extension WorkPlan {
    private static let maximumUnits = 20_000
    private static let maximumSegments = 100_000

    /// Reads a probe's plan; what is wrong with it is named by its JSON path.
    init(checking json: JSONValue) throws(Problem) {
        guard let outline = json["outline"].flatMap(PresentationOutline.init(json:)) else {
            throw .unprocessable("plan.outline", "is no outline of a presentation.")
        }
        guard json["media"] != nil else { throw .unprocessable("plan.media", "is required.") }
        guard let list = json["units"]?.array, (1...Self.maximumUnits).contains(list.count) else {
            throw .unprocessable("plan.units", "must be a list of 1 to \(Self.maximumUnits) units.")
        }
        for (index, item) in list.enumerated() {
            let path = "plan.units[\(index)]"
            guard let unit = UnitOutline(json: item) else { throw .unprocessable(path, "is no unit of work.") }
            guard unit.number == index + 1 else { throw .unprocessable(path + ".number", "must be \(index + 1).") }
            guard unit.renditions.allSatisfy(outline.renditions.indices.contains) else {
                throw .unprocessable(path + ".renditions", "names a rendition that plan.outline does not have.")
            }
            guard unit.segments.upperBound <= Self.maximumSegments else {
                throw .unprocessable(path + ".lastSegment", "must be at most \(Self.maximumSegments).")
            }
        }
        guard let plan = WorkPlan(json: json) else { throw .unprocessable("plan", "is no plan of work.") }
        for rendition in outline.renditions.indices
        where !plan.units.contains(where: { $0.renditions.contains(rendition) && $0.segments.contains(1) }) {
            throw .unprocessable("plan.units", "hold none that makes segment 1 of rendition \(rendition).")
        }
        self = plan
    }
}

extension Job {
    /// The job as administrators see it.
    func json(units: [JobUnit.State: UnitLoad], open: [JobUnit]) -> JSONObject {
        var counts: JSONObject = [:]
        for state in JobUnit.State.allCases { counts[state.rawValue] = .integer(Int64(units[state]?.count ?? 0)) }
        var object: JSONObject = [
            "jobId": .string(id), "videoId": .string(videoId), "ownerId": .string(ownerId),
            "state": .string(state.rawValue), "units": .object(counts),
            "openUnits": .array(open.map { .object($0.json) }),
            "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "updatedAt": .string(ISO8601.extended(milliseconds: updatedAt)),
        ]
        if let lastFailure { object["failure"] = lastFailure.json }
        return object
    }
}

extension JobUnit {
    /// The unit as administrators see it.
    var json: JSONObject {
        var object: JSONObject = [
            "number": .integer(Int64(number)), "kind": .string(kind.rawValue), "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)), "fence": .integer(fence), "progress": .number(progress),
            "effortSeconds": .number(effortSeconds), "memoryMebibytes": .integer(Int64(memoryMebibytes)),
            "availableAt": .string(ISO8601.extended(milliseconds: availableAt)),
            "updatedAt": .string(ISO8601.extended(milliseconds: updatedAt)),
        ]
        if let workerId { object["workerId"] = .string(workerId) }
        if let leaseExpiresAt { object["leaseExpiresAt"] = .string(ISO8601.extended(milliseconds: leaseExpiresAt)) }
        if let lastFailure { object["failure"] = lastFailure.json }
        return object
    }
}

extension VideoFailure {
    fileprivate var json: JSONValue { ["reason": .string(reason), "detail": .string(detail)] }
}
