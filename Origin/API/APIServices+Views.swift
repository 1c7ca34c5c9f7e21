internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Viewing

extension APIServices {
    /// Seconds that a player may be behind the end of what it plays: lengths are told rounded.
    private static let overrun = 10.0
    /// How much of a video must be left for somebody to go on with it.
    private static let worthResuming = 0.05

    /// `POST /videos/{videoId}/views`: one ping of a player. It is answered before it is in the catalog, and the catalog is not
    /// asked for it unless nobody has pinged the video for a second.
    func recordView(_ request: Request, for caller: Caller?) async throws -> Response {
        let id = request[parameter: "videoId"]
        guard let video = try await viewing.video(id: id), video.isVisible(to: caller) else {
            throw Problem.videoNotFound
        }
        let input = APIInput(request)
        let sessionId = try input.requiredText("sessionId", limit: 128)
        guard ASCII.isName(sessionId, of: 8...128) else {
            throw Problem.unprocessable("sessionId", "must be 8 to 128 letters, digits, '-', '_' or '.'.")
        }
        let position = try input.requiredNumber("positionSeconds", in: 0...31_536_000)
        let event: PlayerEvent = try input.choice("event") ?? .progress
        guard video.isPlayable else { throw Problem(.conflict, "not_playable", "The video cannot be watched yet.") }
        if let duration = video.durationSeconds, position > duration + Self.overrun {
            throw Problem.unprocessable("positionSeconds", "is behind the end of the video.")
        }
        var ping = Ping(
            videoId: id, sessionId: sessionId, accountId: caller?.id, positionSeconds: position, event: event)
        ping.startupMilliseconds = try input.integer("startupMilliseconds", in: 0...600_000)
        ping.stalledMilliseconds = try input.integer("stalledMilliseconds", in: 0...3_600_000)
        try viewing.take(ping, duration: video.durationSeconds)
        return Response(status: .noContent)
    }

    /// `GET /me/history`: what the caller has watched and may still watch, last watched first.
    func listHistory(_ request: Request, of caller: Caller) async throws -> Response {
        let query = try APIQuery(request)
        let limit = try query.limit(default: 24, maximum: 100)
        let after = try PageKey.from(query)
        let page = try await catalog.read { reader in
            let page = try reader.history(accountId: caller.id, limit: limit, after: after)
            let items = try page.items.map { (entry: $0, video: try reader.video(id: $0.videoId)) }
            return Page(items: items, next: page.next)
        }
        let thumbnails = try await thumbnails(for: request)
        let items = try page.items.compactMap { item -> JSONObject? in
            guard let video = item.video, video.isVisible(to: caller) else { return nil }
            return [
                "positionSeconds": .number(item.entry.positionSeconds),
                "watchedAt": .string(ISO8601.extended(milliseconds: item.entry.watchedAt)),
                "video": .object(video.json(for: caller, thumbnail: try thumbnails.url(of: video))),
            ]
        }
        return APIServices.json(.ok, .page(items, next: page.next))
    }

    /// `DELETE /me/history`: all of it.
    func clearHistory(of caller: Caller) async throws -> Response {
        try await viewing.forget(accountId: caller.id)
        return Response(status: .noContent)
    }

    /// `DELETE /me/history/{videoId}`: one video; the same for one that was never watched.
    func removeFromHistory(_ request: Request, of caller: Caller) async throws -> Response {
        try await viewing.forget(accountId: caller.id, videoId: request[parameter: "videoId"])
        return Response(status: .noContent)
    }

    /// Adds to a video what it is to whoever asks: `liked`, `resumeSeconds`, where they stopped and something worth watching is
    /// left, and `comments`, the rule of it, for who decides of them.
    func addWhatIsTheirs(to answer: inout JSONObject, of video: Video, for caller: Caller) async throws {
        let (entry, isLiked, rule) = try await catalog.read { reader in
            (
                try reader.historyEntry(accountId: caller.id, videoId: video.id),
                try reader.isLiked(videoId: video.id, by: caller.id),
                video.isModerated(by: caller) ? try reader.commentRule(videoId: video.id) : nil
            )
        }
        answer["liked"] = .bool(isLiked)
        if let rule { answer["comments"] = .string(rule.rawValue) }
        guard let position = entry?.positionSeconds, position > 0,
            position < (video.durationSeconds ?? .infinity) * (1 - Self.worthResuming)
        else { return }
        answer["resumeSeconds"] = .number(position)
    }
}
