internal import AccessSigning
internal import Catalog
internal import Downloads
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import MediaPlan
internal import SigningKeys

extension APIServices {
    /// `GET /videos/{videoId}/downloads`: the files of the video that there are, each by a URL that opens nothing else and works
    /// as long as playback does.
    func listDownloads(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        guard video.options.encryption == .none else {
            throw Problem(
                .conflict, "encrypted",
                "The video is encrypted, and a file to keep would hold it in the clear; there is none.")
        }
        let bucket = configuration.mediaBucket
        let found = try await catalog.read { try Download.list(videoId: video.id, bucket: bucket, in: $0) }
        guard !found.isEmpty else { return APIServices.json(.ok, whole: []) }
        let signer = try await keys.signer()
        let expires = now() / 1_000 + Int64(configuration.playbackSeconds)
        let base = base(for: request)
        let downloads = try found.map { download -> JSONValue in
            let policy = CloudFrontPolicy(
                resource: "http*://*/\(download.key)", expires: expires, notBefore: Self.distinctStart(before: now()))
            return [
                "height": .integer(Int64(download.height)), "bytes": .integer(download.bytes),
                "url": .string(try signer.signedURL("\(base)/\(download.key)", policy: policy)),
            ]
        }
        return APIServices.json(.ok, whole: .array(downloads))
    }
}
