internal import Catalog
internal import JSON

/// A video as whoever watches its progress sees it.
struct VideoProgress: Sendable {
    let video: Video
    let accounts: [RenditionAccount]

    /// Reads it; nil when there is no such video, or it is in the trash.
    init?(videoId: String, in reader: any CatalogReader) throws {
        guard let video = try reader.videoOutsideTrash(id: videoId) else { return nil }
        self.video = video
        accounts = try reader.job(videoId: videoId).map { try reader.renditionAccounts(jobId: $0.id) } ?? []
    }

    /// What has changed is compared by this; the estimate alone is no news.
    func json(secondsLeft: Double?) -> JSONObject {
        var object: JSONObject = [
            "videoId": .string(video.id), "status": .string(video.status.rawValue),
            "progress": .number(video.progress), "playable": .bool(video.playable),
        ]
        if let seconds = video.durationSeconds { object["durationSeconds"] = .number(seconds) }
        if !accounts.isEmpty {
            object["renditions"] = .array(
                accounts.map { account in
                    [
                        "name": .string(account.name),
                        "publishedSeconds": .number(Double(account.publishedMicroseconds) / 1_000_000),
                    ]
                })
        }
        if let secondsLeft { object["estimatedSecondsLeft"] = .number(secondsLeft.rounded()) }
        if let failure = video.failure { object["failure"] = ["reason": .string(failure.reason)] }
        return object
    }
}

/// How long the rest will take, from how fast it went lately.
struct ProgressPace: Sendable {
    private static let rememberedMilliseconds: Int64 = 30_000
    private static let leastMilliseconds: Int64 = 2_000

    private var samples: [(progress: Double, at: Int64)] = []

    /// Notes how far it is at `now`, in epoch milliseconds.
    mutating func note(_ progress: Double, now: Int64) {
        if let last = samples.last, last.progress == progress { return }
        samples.append((progress, now))
        // One sample from before the window stays, so that the pace of a slow encode is known as well.
        while samples.count > 2, samples[1].at < now - Self.rememberedMilliseconds { samples.removeFirst() }
    }

    /// Seconds until everything is done; nil while too little was seen.
    var secondsLeft: Double? {
        guard let first = samples.first, let last = samples.last, last.progress > first.progress,
            last.at - first.at >= Self.leastMilliseconds
        else { return nil }
        let perSecond = (last.progress - first.progress) / (Double(last.at - first.at) / 1_000)
        return (1 - last.progress) / perSecond
    }
}
