import JSON
import UploadView

/// Follows a video until it is ready or failed.
struct VideoFollower {
    /// Streams in a row that may break off without a word of news; a second lies between them.
    private static let patience = 30

    let session: OriginSession
    let videoId: String

    /// Gives each state of the video to `show`. A stream that breaks off is taken up again.
    ///
    /// - Throws: `CommandFailure` when the video fails or is deleted.
    func run(_ show: (UploadState) -> Void) async throws {
        var state: UploadState?
        var failures = 0
        while true {
            do {
                try await session.follow("/api/v1/videos/\(videoId)/events") { event in
                    guard event.name == "status", let json = try? JSONValue.parse(event.data),
                        let news = UploadState(json: json)
                    else {
                        if event.name == "deleted" { throw CommandFailure("video \(videoId) was deleted") }
                        return true
                    }
                    failures = 0
                    show(news)
                    state = news
                    return !["ready", "failed"].contains(news.status)
                }
            } catch let error as CommandFailure where error.refusal?.isPassing != true {
                throw error
            } catch {
                failures += 1
                guard failures < Self.patience else { throw error }
            }
            switch state?.status {
            case "ready": return
            case "failed": throw CommandFailure("video \(videoId) failed: \(state?.failure ?? "no reason given")")
            default: try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
