internal import Catalog
internal import HTTPServer
internal import HTTPWire

extension APIServices {
    /// `PUT /videos/{videoId}/like`: the caller likes the video; once, however often it is said.
    func likeVideo(_ request: Request, by caller: Caller) async throws -> Response {
        let (video, now) = (try await visibleVideo(request, for: caller), now())
        try await catalog.write { transaction in
            // It may have been deleted since it was looked at.
            guard try transaction.videoOutsideTrash(id: video.id) != nil else { throw Problem.videoNotFound }
            try transaction.like(videoId: video.id, by: caller.id, at: now)
        }
        return Response(status: .noContent)
    }

    /// `DELETE /videos/{videoId}/like`: no longer, or never did.
    func unlikeVideo(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        try await catalog.write { try $0.unlike(videoId: video.id, by: caller.id) }
        return Response(status: .noContent)
    }
}
