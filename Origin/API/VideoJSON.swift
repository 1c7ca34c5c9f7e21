internal import Bytes
internal import Catalog
internal import HTTPWire
internal import JSON

extension Video {
    /// The video as the contract names its fields; the operator's detail of a failure is for who may edit it.
    func json(for caller: Caller?) -> JSONObject {
        var object: JSONObject = [
            "videoId": .string(id), "ownerId": .string(ownerId), "title": .string(title),
            "description": .string(description), "contentType": .string(contentType),
            "status": .string(status.rawValue), "progress": .number(progress), "playable": .bool(playable),
            "views": .integer(views), "likes": .integer(likes),
            "durationSeconds": durationSeconds.map { .number($0) } ?? .null,
            "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "renditions": .array(renditions.map { .object($0.json) }), "thumbnailUrl": .null,
            "visibility": .string(visibility.rawValue),
        ]
        if let failure {
            var reasons: JSONObject = ["reason": .string(failure.reason)]
            if let caller, isEditable(by: caller) { reasons["detail"] = .string(failure.detail) }
            object["failure"] = .object(reasons)
        }
        return object
    }

    /// What a watcher of its progress wants to know.
    var progressJSON: JSONObject {
        var object: JSONObject = [
            "videoId": .string(id), "status": .string(status.rawValue), "progress": .number(progress),
            "playable": .bool(playable),
        ]
        if let failure { object["failure"] = ["reason": .string(failure.reason)] }
        return object
    }
}

extension Rendition {
    var json: JSONObject {
        [
            "name": .string(name), "width": .integer(Int64(width)), "height": .integer(Int64(height)),
            "frameRate": .number(frameRate), "codecs": .string(codecs), "bandwidth": .integer(bandwidth),
            "averageBandwidth": .integer(averageBandwidth), "segments": .integer(Int64(segments)),
            "bytes": .integer(bytes),
        ]
    }

    /// Reads what a worker reports.
    init(_ value: JSONValue) throws(Problem) {
        guard let object = value.object else { throw .invalid("renditions", "must be a list of objects.") }
        let input = APIInput(object)
        let pixels: ClosedRange<Int64> = 0...65_535
        let amount: ClosedRange<Int64> = 0...(1 << 50)
        self.init(
            name: try input.requiredText("name", limit: 64),
            width: Int(try input.integer("width", in: pixels) ?? 0),
            height: Int(try input.integer("height", in: pixels) ?? 0),
            frameRate: try input.number("frameRate", in: 0...1_000) ?? 0,
            codecs: try input.text("codecs", limit: 128) ?? "",
            bandwidth: try input.integer("bandwidth", in: amount) ?? 0,
            averageBandwidth: try input.integer("averageBandwidth", in: amount) ?? 0,
            segments: Int(try input.integer("segments", in: 0...10_000_000) ?? 0),
            bytes: try input.integer("bytes", in: amount) ?? 0)
    }
}

extension Job {
    /// The job as administrators see it.
    var json: JSONObject {
        var object: JSONObject = [
            "jobId": .string(id), "videoId": .string(videoId), "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)), "fence": .integer(fence),
            "availableAt": .string(ISO8601.extended(milliseconds: availableAt)),
            "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "updatedAt": .string(ISO8601.extended(milliseconds: updatedAt)),
        ]
        if let workerId { object["workerId"] = .string(workerId) }
        if let leaseExpiresAt {
            object["leaseExpiresAt"] = .string(ISO8601.extended(milliseconds: leaseExpiresAt))
        }
        if let lastFailure {
            object["failure"] = ["reason": .string(lastFailure.reason), "detail": .string(lastFailure.detail)]
        }
        return object
    }
}

/// `startKey` and `lastEvaluatedKey`: a page key that callers need not understand.
extension PageKey {
    init?(token: String) {
        guard let bytes = Base64.decode(token, alphabet: .url) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let value = Int64(parts[0]) else { return nil }
        self.init(value: value, id: String(parts[1]))
    }

    var token: String { Base64.encode(Array("\(value):\(id)".utf8), alphabet: .url, padding: false) }

    static func from(_ query: APIQuery) throws(Problem) -> PageKey? {
        guard let token = query.text("startKey") else { return nil }
        guard let key = PageKey(token: token) else {
            throw .invalid("startKey", "must be the lastEvaluatedKey of the page before.")
        }
        return key
    }
}

extension JSONObject {
    /// One page of a list.
    static func page(_ items: [JSONObject], next: PageKey?) -> JSONObject {
        var object: JSONObject = ["items": .array(items.map { .object($0) })]
        if let next { object["lastEvaluatedKey"] = .string(next.token) }
        return object
    }
}
