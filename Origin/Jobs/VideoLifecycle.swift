public import Catalog

/// What can happen to a video between upload and playback.
public enum VideoEvent: Sendable, Equatable {
    /// The whole file lies in the upload bucket.
    case uploadArrived
    /// A worker has taken the job.
    case leased
    /// The worker finds out what the file is.
    case probing
    /// The worker encodes; `progress` runs from 0 to 1.
    case transcoding(progress: Double)
    /// A playlist with at least one segment is published.
    case published(durationSeconds: Double?, renditions: [Rendition])
    /// Everything is published.
    case completed(durationSeconds: Double, renditions: [Rendition], explain: String?)
    /// The attempt ended without success; another will follow.
    case requeued
    /// There will be no further attempt.
    case failed(VideoFailure)
    /// An administrator asked for another round.
    case retried
}

extension Video {
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
        case (.awaitingUpload, .uploadArrived), (.failed, .uploadArrived), (.queued, .uploadArrived),
            (.failed, .retried):
            status = .queued
            progress = 0
            failure = nil
        case (.queued, .leased), (.probing, .leased), (.transcoding, .leased):
            status = .probing
            progress = 0
        case (.probing, .probing):
            break
        case (.probing, .transcoding(let reported)), (.transcoding, .transcoding(let reported)):
            status = .transcoding
            progress = max(progress, reported.isFinite ? min(max(reported, 0), 1) : 0)
        case (.probing, .published(let duration, let published)),
            (.transcoding, .published(let duration, let published)):
            status = .transcoding
            playable = true
            if let duration { durationSeconds = duration }
            if !published.isEmpty { renditions = published }
        case (.probing, .completed(let duration, let published, let reasons)),
            (.transcoding, .completed(let duration, let published, let reasons)):
            status = .ready
            progress = 1
            playable = true
            failure = nil
            durationSeconds = duration
            renditions = published
            explain = reasons
        case (.probing, .requeued), (.transcoding, .requeued):
            status = .queued
            progress = 0
        case (.queued, .failed(let reason)), (.probing, .failed(let reason)), (.transcoding, .failed(let reason)):
            status = .failed
            playable = false
            failure = reason
        default:
            return false
        }
        return true
    }
}
