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
        let input = APIInput(request)
        let fileName = try input.requiredText("fileName", limit: 255)
        guard let contentType = try input.mediaType("contentType") else {
            throw Problem.unprocessable("contentType", "is required.")
        }
        let size = try input.requiredInteger("size", in: 1...configuration.maximumUploadBytes)
        let video = try newVideo(input, fileName: fileName, contentType: contentType, size: size, by: caller)
        let parts = PartPlan(size: size).map { plan in
            UploadUnderWay.Parts(
                plan: plan, upload: plan.upload(of: video, to: configuration.uploadBucket), arrived: [])
        }
        try await catalog.write { [quotas = configuration.quotas] transaction in
            try quotas.admit(bytes: size, ownerId: video.ownerId, in: transaction)
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

    /// A video that waits for its file, as whoever sends it describes it.
    func newVideo(
        _ input: APIInput, fileName: String, contentType: String, size: Int64, by caller: Caller
    ) throws(Problem) -> Video {
        let title = try input.text("title", limit: 200).map { ASCII.trimmed($0) } ?? ""
        let id = VideoID.random()
        return Video(
            id: id, ownerId: caller.id, ownerName: caller.name, title: title.isEmpty ? fileName : title,
            description: try input.text("description", limit: 5_000, isMultiline: true) ?? "", fileName: fileName,
            contentType: contentType, uploadKey: "\(id)/original", declaredSize: size,
            visibility: try input.choice("visibility") ?? .public,
            options: try input.options("transcode", usual: configuration.videoOptions), createdAt: now())
    }
}

extension APIInput {
    /// A media type of at most 255 characters; nil for an absent or an empty one.
    func mediaType(_ name: String) throws(Problem) -> String? {
        guard let text = try text(name, limit: 255), !ASCII.trimmed(text).isEmpty else { return nil }
        guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }), text.contains("/") else {
            throw .unprocessable(name, "must be a media type such as video/mp4.")
        }
        return text
    }

    /// The options of a video; an absent member is as usual.
    func options(_ name: String, usual: VideoOptions) throws(Problem) -> VideoOptions {
        guard let value = self[name] else { return usual }
        do {
            return try VideoOptions(json: value, usual: usual)
        } catch {
            throw .unprocessable(error.key.isEmpty ? name : "\(name).\(error.key)", error.message)
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
