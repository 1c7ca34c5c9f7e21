internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import MediaPlan

extension APIServices {
    /// `POST /uploads`: a new video and the presigned URL its file goes to.
    func createUpload(_ request: Request, by caller: Caller) async throws -> Response {
        let input = try await APIInput(request)
        let fileName = try input.requiredText("fileName", limit: 255)
        let contentType = try input.requiredText("contentType", limit: 255)
        guard contentType.utf8.allSatisfy({ (0x20...0x7e).contains($0) }), contentType.contains("/") else {
            throw Problem.invalid("contentType", "must be a media type such as video/mp4.")
        }
        let size = try input.requiredInteger("size", in: 1...configuration.maximumUploadBytes)
        let title = try input.text("title", limit: 200).map { ASCII.trimmed($0) } ?? ""
        let id = VideoID.random()
        let video = Video(
            id: id, ownerId: caller.id, ownerName: caller.name, title: title.isEmpty ? fileName : title,
            description: try input.text("description", limit: 5_000, isMultiline: true) ?? "", fileName: fileName,
            contentType: contentType, uploadKey: "\(id)/original", declaredSize: size,
            visibility: try input.choice("visibility") ?? .public,
            options: try input.options("transcode", usual: configuration.videoOptions), createdAt: now())
        let parts = PartPlan(size: size).map { ($0, $0.upload(of: video, to: configuration.uploadBucket)) }
        try await catalog.write { transaction in
            try transaction.insert(video)
            if let (_, upload) = parts { try transaction.insert(upload) }
        }
        let expires = video.createdAt / 1_000 + Int64(configuration.uploadSeconds)
        let url = UploadURL(for: video, configuration)
        var answer: JSONObject = [
            "videoId": .string(id), "method": "PUT", "url": .string(url.signed("PUT")),
            "headers": ["Content-Type": .string(contentType)],
            "expiresAt": .string(ISO8601.extended(expires)),
        ]
        if let (plan, upload) = parts { answer["multipart"] = plan.json(of: upload, url) }
        return APIServices.json(.created, answer)
    }
}

extension APIInput {
    /// The options of a video; an absent member is as usual.
    func options(_ name: String, usual: VideoOptions) throws(Problem) -> VideoOptions {
        guard let value = self[name] else { return usual }
        do {
            return try VideoOptions(json: value, usual: usual)
        } catch {
            throw .invalid(error.key.isEmpty ? name : "\(name).\(error.key)", error.message)
        }
    }
}

/// Makes ids that nobody can guess and that read well in a URL.
enum VideoID {
    // 32 symbols without the ones that look alike, so a byte's low five bits choose evenly.
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

    /// 20 symbols, 100 bits.
    static func random() -> String {
        String(decoding: SecureRandom.bytes(20).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }
}
