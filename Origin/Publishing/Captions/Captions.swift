public import Catalog
internal import Crypto
public import Jobs
public import ObjectStore
internal import Objects
internal import Presentation
public import WebVTT

/// Subtitles that people add to their videos.
///
/// A change is one transaction: the file, its segments and playlist, and the multivariant playlist that names them. Before the final playlists of
/// a video there is only the file, and the final publication does the rest.
public struct Captions: Sendable {
    /// What captions are to be.
    public struct New: Sendable {
        /// The BCP 47 tag.
        public var language: String
        /// What they say.
        public var kind: Caption.Kind
        /// What people are shown; nil for the language.
        public var name: String?
        /// The texts.
        public var file: CaptionFile

        /// Captions that are to be.
        public init(language: String, kind: Caption.Kind, name: String?, file: CaptionFile) {
            self.language = language
            self.kind = kind
            self.name = name
            self.file = file
        }
    }

    /// Why captions are not changed.
    public enum Refusal: Error, Sendable, Equatable {
        /// There is no such video, or it is in the trash.
        case noVideo
        /// There are none in the language.
        case noCaptions
        /// The video has captions in as many languages as it may have.
        case tooMany
        /// Others change the same, over and over.
        case busy
    }

    /// Languages of one video.
    public static let maximumLanguages = 32
    /// How often a change is tried that another one came before.
    private static let attempts = 5

    private let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let jobs: JobQueue
    private let forget: @Sendable ([String], any CatalogTransaction) throws -> Void
    private let announce: @Sendable () -> Void
    private let now: @Sendable () -> Int64

    /// The captions of the videos in `catalog`, published where `jobs` publishes.
    ///
    /// `forget` tells caches to forget what is under these beginnings of paths, in the transaction that changes it, and `announce`
    /// is called once it is committed. `now` gives epoch milliseconds. None may block.
    public init(
        catalog: any CatalogStore, blobs: any BlobStore, jobs: JobQueue,
        forget: @escaping @Sendable (_ prefixes: [String], any CatalogTransaction) throws -> Void,
        announce: @escaping @Sendable () -> Void, now: @escaping @Sendable () -> Int64
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.jobs = jobs
        self.forget = forget
        self.announce = announce
        self.now = now
    }

    /// Those of a video, and which of them players find.
    public func list(videoId: String) async throws -> [(caption: Caption, isPublished: Bool)] {
        let (bucket, above) = (jobs.media.bucket, PublishedMedia.folder(of: videoId))
        return try await catalog.read { reader in
            try reader.captions(videoId: videoId).map { caption in
                let key = caption.folder.map { "\(above)\($0)/\(Presentation.playlistName)" }
                return (caption, try key.flatMap { try reader.object(bucket: bucket, key: $0) } != nil)
            }
        }
    }

    /// Adds captions to a video, in place of those of the same language; whether there were none before.
    ///
    /// `alongside` is done in the same transaction.
    public func put(
        _ new: New, videoId: String, alongside: @escaping @Sendable (any CatalogTransaction) throws -> Void = { _ in }
    ) async throws -> Bool {
        let caption = Caption(
            videoId: videoId, language: new.language, kind: new.kind, name: new.name, cues: new.file.cues.count,
            revision: SecureRandom.hex(8), updatedAt: now())
        let text = CaptionText(caption: caption, text: new.file.webVTT)
        return try await change(new.language, of: videoId, to: text, alongside)
    }

    /// Removes the captions of a language.
    public func delete(
        language: String, videoId: String,
        alongside: @escaping @Sendable (any CatalogTransaction) throws -> Void = { _ in }
    ) async throws {
        _ = try await change(language, of: videoId, to: nil, alongside)
    }

    private func change(
        _ language: String, of videoId: String, to new: CaptionText?,
        _ alongside: @escaping @Sendable (any CatalogTransaction) throws -> Void
    ) async throws -> Bool {
        for _ in 0..<Self.attempts {
            let contentKeys = jobs.contentKeys
            let before = try await catalog.read { try CaptionedVideo(id: videoId, in: $0, contentKeys) }
            guard let before else { throw Refusal.noVideo }
            do {
                let change = try before.change(language, to: new)
                try await carryOut(change, alongside)
                announce()
                return change.old == nil
            } catch is CaptionChange.Stale {
                continue
            }
        }
        throw Refusal.busy
    }

    private func carryOut(
        _ change: CaptionChange, _ alongside: @escaping @Sendable (any CatalogTransaction) throws -> Void
    ) async throws {
        let (bucket, forget) = (jobs.media.bucket, forget)
        let shelf = MediaShelf(blobs: blobs, bucket: bucket, videoId: change.videoId, now: now())
        let objects = try await change.store(on: shelf)
        try await catalog.publish(objects, in: blobs) { transaction in
            let prefixes = try change.enter(transaction, bucket: bucket)
            if !prefixes.isEmpty { try forget(prefixes, transaction) }
            try alongside(transaction)
        }
    }
}
