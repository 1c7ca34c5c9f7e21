internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import Jobs
internal import Presentation

extension APIServices {
    /// `PUT /videos/{videoId}/poster`: the picture at `seconds` stands for the video, also in what is published later.
    func choosePoster(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        let seconds = try APIInput(request).requiredNumber("seconds", in: 0...31_536_000)
        if let duration = video.durationSeconds, seconds > duration {
            throw Problem.unprocessable("seconds", "is behind the end of the video, which has \(duration) seconds.")
        }
        let edited = try await edit(video, by: caller, request) { video, reader in
            guard let path = try Presentation.pictures(of: video, in: reader)?.posterPath(at: seconds) else {
                throw Problem(
                    .conflict, "no_pictures", "There are no pictures of the video to choose from, or not yet.")
            }
            video.poster = path
            video.posterSeconds = seconds
        }
        return try await version(of: edited, for: caller, request).response
    }
}

extension Presentation {
    /// What there is of a video to choose its poster from; nil for nothing.
    fileprivate static func pictures(of video: Video, in reader: any CatalogReader) throws -> Presentation? {
        guard video.playable, let job = try reader.job(videoId: video.id),
            let outline = try reader.plan(jobId: job.id)?.presentation
        else { return nil }
        var presentation = Presentation(outline: outline)
        for account in try reader.renditionAccounts(jobId: job.id) {
            guard case .poster = outline.renditions[account.position].content, account.runSegments > 0 else { continue }
            let segments = try reader.segments(
                jobId: job.id, rendition: account.position, numbers: 1...account.runSegments)
            for segment in segments { _ = presentation.add(segment) }
        }
        return presentation
    }
}
