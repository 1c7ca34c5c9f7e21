internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Library
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
        let parts = PartPlan(size: size).map { plan in
            UploadUnderWay.Parts(
                plan: plan, upload: plan.upload(of: video, to: configuration.uploadBucket), arrived: [])
        }
        try await catalog.write { [quotas = configuration.quotas] transaction in
            let excess = try quotas.excess(addingBytes: size, ownerId: video.ownerId, in: transaction)
            if let excess { throw Problem(excess) }
            try transaction.insert(video)
            if let parts { try transaction.insert(parts.upload) }
        }
        let underWay = UploadUnderWay(of: video, parts: parts, now: video.createdAt, configuration)
        return APIServices.json(.created, underWay.json)
    }

    /// `GET /uploads/{videoId}`: how to go on with an upload that was interrupted.
    func getUpload(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        let underWay = try await catalog.read { [configuration, now] in
            try UploadUnderWay(of: video, in: $0, now: now(), configuration)
        }
        return APIServices.json(.ok, underWay.json)
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
