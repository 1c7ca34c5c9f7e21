internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON

/// The way of a video's file up, as its owner is told of it: URLs that work from now on, and what has come already.
struct UploadUnderWay {
    /// A large file and the parts of it.
    struct Parts {
        let plan: PartPlan
        let upload: MultipartUpload
        /// What has come, in order.
        let arrived: [UploadPart]
    }

    private let video: Video
    private let url: UploadURL
    private let expiresAt: Int64
    private let parts: Parts?

    /// An upload whose URLs are signed at `now`, in epoch milliseconds. `parts` are of a file that is large enough for them.
    init(of video: Video, parts: Parts?, now: Int64, _ configuration: APIConfiguration) {
        self.video = video
        self.parts = parts
        url = UploadURL(for: video, at: now, configuration)
        expiresAt = now / 1_000 + Int64(configuration.uploadSeconds)
    }

    /// Finds what has come of a file that is still expected.
    ///
    /// - Throws: `Problem.uploadComplete` once it is whole, `Problem.uploadGone` when it can no longer be sent.
    init(of video: Video, in reader: any CatalogReader, now: Int64, _ configuration: APIConfiguration) throws {
        let bucket = configuration.uploadBucket
        guard video.status == .awaitingUpload, try reader.object(bucket: bucket, key: video.uploadKey) == nil else {
            throw Problem.uploadComplete
        }
        // What is fetched from an address has no declared size, and nobody sends it.
        guard video.declaredSize > 0 else { throw Problem.uploadGone }
        guard let plan = PartPlan(size: video.declaredSize) else {
            self.init(of: video, parts: nil, now: now, configuration)
            return
        }
        guard let upload = try plan.upload(of: video, in: bucket, reader) else { throw Problem.uploadGone }
        let arrived = try reader.uploadParts(of: upload.id, after: 0, limit: Int(plan.count))
        self.init(
            of: video, parts: Parts(plan: plan, upload: upload, arrived: arrived), now: now, configuration)
    }

    /// The answer of `POST /uploads` and `GET /uploads/{videoId}`.
    var json: JSONObject {
        var answer: JSONObject = [
            "videoId": .string(video.id), "method": "PUT", "url": .string(url.signed("PUT")),
            "headers": ["Content-Type": .string(video.contentType)],
            "expiresAt": .string(ISO8601.extended(expiresAt)),
        ]
        if let parts { answer["multipart"] = parts.plan.json(of: parts.upload, arrived: parts.arrived, url) }
        return answer
    }
}

extension PartPlan {
    /// Uploads to one key that are looked at: the API makes one of each video, whoever has an access key may make others.
    private static let lookedAt = 100

    /// The upload that was begun for `video`; nil once it has ended.
    fileprivate func upload(
        of video: Video, in bucket: String, _ reader: any CatalogReader
    ) throws -> MultipartUpload? {
        let key = video.uploadKey
        return try reader.uploads(bucket: bucket, prefix: key, after: (key: "", id: ""), limit: Self.lookedAt)
            .first { $0.object.key == key && $0.maximumPartBytes == partBytes }
    }
}

extension Problem {
    fileprivate static let uploadComplete = Problem(
        .conflict, "upload_complete", "The file has come; there is nothing left to send.")
    fileprivate static let uploadGone = Problem(
        .conflict, "upload_gone",
        "No upload of this video is under way: it was given up, or nobody went on with it for long. Make a new one.")
}
