internal import Catalog
internal import ContentKeys
internal import Jobs
internal import Presentation

/// A video as whoever changes its captions finds it.
struct CaptionedVideo: Sendable {
    /// The film whose final playlists are published.
    struct Film: Sendable {
        let generation: Int64
        let presentation: Presentation
        let key: ContentKey?
    }

    let id: String
    let captions: [CaptionText]
    /// Nil while there are no final playlists.
    let film: Film?

    /// Nil for a video that does not exist, or is in the trash.
    init?(id: String, in reader: any CatalogReader, _ contentKeys: ContentKeys) throws {
        guard try reader.videoOutsideTrash(id: id) != nil else { return nil }
        self.id = id
        captions = try CaptionText.all(ofVideo: id, in: reader)
        guard let job = try reader.job(videoId: id), job.isFinal,
            let outline = try reader.plan(jobId: job.id)?.presentation
        else {
            film = nil
            return
        }
        let key = try contentKeys.key(of: id, in: reader)
        var copy = PublishedCopy(
            generation: job.generation, presentation: Presentation(outline: outline, isEncrypted: key != nil))
        try copy.catchUp(job.id, try reader.renditionAccounts(jobId: job.id), in: reader)
        film = Film(generation: job.generation, presentation: copy.presentation, key: key)
    }

    /// What it takes to have these captions in a language, or none.
    func change(_ language: String, to new: CaptionText?) throws -> CaptionChange {
        let old = captions.first { $0.caption.language == language }?.caption
        guard new != nil || old != nil else { throw Captions.Refusal.noCaptions }
        guard new == nil || old != nil || captions.count < Captions.maximumLanguages else {
            throw Captions.Refusal.tooMany
        }
        let after = (captions.filter { $0.caption.language != language } + [new].compactMap(\.self))
            .sorted { $0.caption.language < $1.caption.language }
        return CaptionChange(
            before: self, old: old, new: new,
            renditions: try film.map {
                try CaptionRenditions(after, of: id, beside: $0.presentation, key: $0.key)
            })
    }
}

/// A change of a video's captions, before it is carried out.
struct CaptionChange: Sendable {
    /// The video is another one by now: other captions, or other playlists.
    struct Stale: Error {}

    fileprivate let before: CaptionedVideo
    /// What goes.
    let old: Caption?
    /// What comes.
    fileprivate let new: CaptionText?
    /// What is published from then on; nil where nothing is yet.
    fileprivate let renditions: CaptionRenditions?

    var videoId: String { before.id }
    private var folder: String { PublishedMedia.folder(of: videoId) }

    /// Stores what is to be published.
    func store(on shelf: MediaShelf) async throws -> [StoredObject] {
        guard let renditions else { return [] }
        let list = MediaFile(multivariantOf: renditions.presentation, in: folder, isFinal: true)
        return try await renditions.store(on: shelf) + shelf.store([list])
    }

    /// Makes the change, in the transaction in which what is stored becomes visible; returns beginnings of paths of which nothing is as it was.
    func enter(_ transaction: any CatalogTransaction, bucket: String) throws -> [String] {
        guard try transaction.videoOutsideTrash(id: videoId) != nil else { throw Captions.Refusal.noVideo }
        let job = try transaction.job(videoId: videoId)
        guard before.film?.generation == (job?.isFinal == true ? job?.generation : nil),
            try transaction.captions(videoId: videoId).map(\.revision) == before.captions.map(\.caption.revision)
        else { throw Stale() }
        if let old { try transaction.deleteCaption(videoId: videoId, language: old.language) }
        if let new { try transaction.put(new.caption, text: new.text) }
        guard let renditions else { return [] }
        guard try renditions.enter(transaction) else { throw Stale() }
        var prefixes = ["/" + folder + Presentation.playlistName]
        if let gone = old?.folder {
            _ = try transaction.deleteObjects(bucket: bucket, prefix: "\(folder)\(gone)/")
            prefixes.append("/\(folder)\(gone)/")
        }
        return prefixes
    }
}
