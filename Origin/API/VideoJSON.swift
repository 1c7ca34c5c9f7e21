internal import Bytes
internal import Catalog
internal import HTTPWire
internal import JSON
internal import MediaPlan

extension Video {
    /// The video as the contract names its fields, its thumbnail at `thumbnail`; the operator's detail of a failure is for who
    /// may edit it.
    func json(for caller: Caller?, thumbnail: String?) -> JSONObject {
        var object: JSONObject = [
            "videoId": .string(id), "ownerId": .string(ownerId), "title": .string(title),
            "description": .string(description), "contentType": .string(contentType),
            "status": .string(status.rawValue), "progress": .number(progress), "playable": .bool(playable),
            "views": .integer(views), "likes": .integer(likes),
            "durationSeconds": durationSeconds.map { .number($0) } ?? .null,
            "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "renditions": .array(renditions.map { .object($0.json) }),
            "thumbnailUrl": thumbnail.map { .string($0) } ?? .null,
            "visibility": .string(visibility.rawValue), "transcode": options.json,
        ]
        if let deletedAt { object["deletedAt"] = .string(ISO8601.extended(milliseconds: deletedAt)) }
        if let failure {
            var reasons: JSONObject = ["reason": .string(failure.reason)]
            if let caller, isEditable(by: caller) { reasons["detail"] = .string(failure.detail) }
            object["failure"] = .object(reasons)
        }
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
            throw .unprocessableParameter("startKey", "must be the lastEvaluatedKey of the page before.")
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
