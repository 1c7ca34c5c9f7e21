internal import Catalog
internal import Jobs
internal import Presentation
internal import Webhooks

/// What is published in one go: the playlists that have something new to say, and the account that goes with them.
struct Publication: Sendable {
    let job: Job
    let isFinal: Bool
    /// Media playlists first, the multivariant one last.
    let files: [MediaFile]
    /// What people have added, in final publications.
    let captions: CaptionRenditions?
    /// The accounts of the renditions whose playlists are among the files, as they will be.
    let accounts: [RenditionAccount]
    /// The renditions that the multivariant playlist names; nil when it is not among the files.
    let named: Set<Int>?
    let renditions: [Rendition]
    private let presentation: Presentation
    let durationSeconds: Double
    /// How much of a final check costs, in seconds of output.
    let checkEffortSeconds: Double

    /// Nil while no player could begin with it, and when nothing is new; `captions` are those of a final one.
    init?(
        _ copy: PublishedCopy, of job: Job, _ accounts: [RenditionAccount], _ captions: CaptionRenditions? = nil,
        isFinal: Bool
    ) {
        let presentation = copy.presentation
        guard isFinal || presentation.isPlayable else { return nil }
        let grown = accounts.filter { account in
            let count = presentation.playable(rendition: account.position).count
            return count > (isFinal ? 0 : account.publishedSegments)
        }
        guard !grown.isEmpty else { return nil }
        let folder = PublishedMedia.folder(of: job.videoId)
        var files = grown.compactMap { account in
            presentation.list(rendition: account.position, isFinal: isFinal).map {
                MediaFile($0, in: folder, isFinal: isFinal)
            }
        }
        if isFinal || grown.contains(where: { $0.publishedSegments == 0 }) {
            let whole = captions?.presentation ?? presentation
            files.append(MediaFile(multivariantOf: whole, in: folder, isFinal: isFinal))
            named = Set(copy.begun)
        } else {
            named = nil
        }
        self.job = job
        self.isFinal = isFinal
        self.files = files
        self.captions = captions
        self.accounts = grown.map { account in
            var published = account
            published.publishedSegments = presentation.playable(rendition: account.position).count
            published.publishedMicroseconds = copy.microseconds(of: account.position)
            return published
        }
        renditions = copy.renditions(isFinal: isFinal)
        self.presentation = presentation
        durationSeconds = isFinal ? copy.storedSeconds : presentation.outline.durationSeconds
        checkEffortSeconds = max(1, durationSeconds / 100)
    }

    /// Another publication has said more already, or the work has ended or begun anew, or captions were changed meanwhile.
    struct Stale: Error {}

    /// Takes the publication into the account, in the transaction in which its files become visible.
    func enter(_ transaction: any CatalogTransaction, now: Int64) throws {
        guard var current = try transaction.job(id: job.id), current.generation == job.generation,
            current.state == .running, !current.isFinal, var video = try transaction.videoOutsideTrash(id: job.videoId)
        else { throw Stale() }
        let stored = try transaction.renditionAccounts(jobId: job.id)
        guard accounts.allSatisfy({ $0.publishedSegments >= stored[$0.position].publishedSegments }),
            named.map({ named in stored.allSatisfy { $0.publishedSegments == 0 || named.contains($0.position) } })
                ?? true
        else { throw Stale() }
        for account in accounts {
            var merged = stored[account.position]
            merged.publishedSegments = account.publishedSegments
            merged.publishedMicroseconds = account.publishedMicroseconds
            try transaction.save(merged, jobId: job.id)
        }
        let event = VideoEvent.published(
            durationSeconds: durationSeconds, renditions: renditions,
            poster: presentation.posterPath(at: video.posterSeconds))
        _ = video.apply(event, now: now)
        if isFinal {
            let units = try transaction.units(jobId: job.id)
            guard units.allSatisfy({ $0.state == .done }), try captions?.enter(transaction) ?? true else {
                throw Stale()
            }
            current.isFinal = true
            current.updatedAt = now
            try transaction.save(current)
            try transaction.insert(
                JobUnit(
                    jobId: job.id, number: (units.last?.number ?? 0) + 1, kind: .finish,
                    effortSeconds: checkEffortSeconds, now: now))
            _ = video.apply(.progressed(1), now: now)
        }
        try transaction.saveAndTell(video, now: now)
    }
}
