internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs

extension APIServices {
    /// `GET /videos/{videoId}/events`: status and progress as server-sent events, until the video is settled or the origin stops.
    func followVideo(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        let (catalog, changes, now) = (catalog, changes, now)
        var response = Response(status: .ok)
        response.headers.set("Content-Type", "text/event-stream")
        response.headers.set("Cache-Control", "no-store")
        response.headers.set("X-Accel-Buffering", "no")
        response.body = .stream(length: nil) { writer in
            try await changes.watching(video.id) { bell in
                var said = JSONObject()
                var pace = ProgressPace()
                var quietRounds = 0
                while !Task.isCancelled, !changes.isClosed {
                    let rings = bell.rings
                    guard let state = try await catalog.read({ try VideoProgress(videoId: video.id, in: $0) }) else {
                        return try await writer.write("event: deleted\ndata: {}\n\n")
                    }
                    pace.note(state.video.progress, now: now())
                    let news = state.json(secondsLeft: nil)
                    quietRounds += 1
                    if news != said {
                        let text = String(
                            decoding: state.json(secondsLeft: pace.secondsLeft).serialized(), as: UTF8.self)
                        try await writer.write("event: status\nid: \(state.video.updatedAt)\ndata: \(text)\n\n")
                        (said, quietRounds) = (news, 0)
                    } else if quietRounds >= 3 {
                        // Proxies close what is silent, and a write is how a gone client is noticed.
                        try await writer.write(": still here\n\n")
                        quietRounds = 0
                    }
                    if state.video.status == .ready || state.video.status == .failed { return }
                    // Another process may have made the change, and rings no bell here.
                    await bell.wait(after: rings, upTo: .seconds(5))
                }
            }
        }
        return response
    }
}
