public import Catalog

/// What can happen to a video between upload and playback.
public enum VideoEvent: Sendable, Equatable {
    /// A whole file lies in the upload bucket that was not there before.
    case uploadArrived
    /// A worker has taken the probe.
    case probing
    /// The upload is understood and cut into units of work.
    case planned(durationSeconds: Double, explain: String)
    /// A worker has taken a unit that makes media or checks them.
    case transcoding
    /// More is stored; `progress` runs from 0 to 1.
    case progressed(Double)
    /// Playlists are published that a player can begin with.
    case published(durationSeconds: Double, renditions: [Rendition], poster: String?)
    /// Everything is published and checked.
    case completed
    /// The probe ended without success; another attempt will follow.
    case requeued
    /// There will be no further attempt.
    case failed(VideoFailure)
    /// An administrator asked for another round; what was published plays meanwhile.
    case retried(isPublished: Bool)
}

extension Video {
    /// How far a video is of which everything is published and nothing checked.
    static let publishedProgress = 0.99

    /// Moves to the state that follows `event`, or returns false and changes nothing when the event comes late.
    ///
    /// Workers may repeat themselves and overtake each other; whatever is no transition of the table is ignored, so a
    /// duplicate is harmless and a finished video never becomes unfinished by an echo.
    public mutating func apply(_ event: VideoEvent, now: Int64) -> Bool {
        var next = self
        guard next.transition(event) else { return false }
        next.updatedAt = now
        self = next
        return true
    }

    private mutating func transition(_ event: VideoEvent) -> Bool {
        switch (status, event) {
        case (.awaitingUpload, .uploadArrived), (.queued, .uploadArrived), (.probing, .uploadArrived),
            (.transcoding, .uploadArrived), (.failed, .uploadArrived):
            status = .queued
            progress = 0
            playable = false
            renditions = []
            poster = nil
            posterSeconds = nil
            failure = nil
        case (.failed, .retried(let isPublished)):
            status = .queued
            playable = isPublished
            failure = nil
        case (.queued, .probing):
            status = .probing
        case (.probing, .planned(let duration, let reasons)):
            status = .transcoding
            durationSeconds = duration
            explain = reasons
        case (.queued, .transcoding), (.transcoding, .transcoding):
            status = .transcoding
        case (.transcoding, .progressed(let reported)), (.queued, .progressed(let reported)):
            progress = max(progress, reported.isFinite ? min(max(reported, 0), Self.publishedProgress) : 0)
        case (.transcoding, .published(let duration, let published, let picture)),
            (.queued, .published(let duration, let published, let picture)):
            playable = true
            durationSeconds = duration
            renditions = published
            poster = picture
        case (.transcoding, .completed):
            status = .ready
            progress = 1
            failure = nil
        case (.probing, .requeued):
            status = .queued
        case (.awaitingUpload, .failed(let reason)), (.queued, .failed(let reason)), (.probing, .failed(let reason)),
            (.transcoding, .failed(let reason)):
            status = .failed
            playable = false
            failure = reason
        default:
            return false
        }
        return true
    }
}
