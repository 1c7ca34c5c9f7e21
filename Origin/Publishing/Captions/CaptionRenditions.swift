internal import Bytes
internal import Catalog
internal import Crypto
internal import Jobs
internal import Presentation
internal import WebVTT

/// Captions with their file.
struct CaptionText: Sendable {
    var caption: Caption
    let text: String

    /// The same, published nowhere.
    var unpublished: CaptionText {
        var copy = self
        copy.caption.folder = nil
        return copy
    }

    /// Those of a video.
    static func all(ofVideo videoId: String, in reader: any CatalogReader) throws -> [CaptionText] {
        try reader.captions(videoId: videoId).compactMap { caption in
            try reader.captionText(videoId: videoId, language: caption.language).map {
                CaptionText(caption: caption, text: $0)
            }
        }
    }
}

/// The captions of a video beside the film whose final playlists name them: cut where the film is, and encrypted as it is.
struct CaptionRenditions: Sendable {
    private struct Rendition: Sendable {
        let caption: Caption
        let folder: String
        /// Its place among the renditions of the presentation.
        let position: Int
        let cues: CueList
    }

    /// The film with its captions.
    let presentation: Presentation
    private let videoId: String
    private let boundaries: [Int64]
    private let key: ContentKey?
    private let renditions: [Rendition]
    private let revisions: [String]

    /// What is published nowhere gets a folder of its own.
    ///
    /// - Parameter key: what the film is encrypted with.
    init(
        _ captions: [CaptionText], of videoId: String, beside film: Presentation, key: ContentKey?
    ) throws {
        var presentation = film
        var renditions: [Rendition] = []
        let boundaries = film.boundaries
        for item in captions where boundaries.count > 1 {
            // What we once took and do not understand today keeps no film from being published.
            guard let file = try? CaptionFile(Array(item.text.utf8), .webVTT) else { continue }
            let rendition = Rendition(
                caption: item.caption, folder: item.caption.folder ?? Self.folder(item.caption.language),
                position: presentation.outline.renditions.count,
                cues: file.list(length: (boundaries.last ?? 0) / 1000))
            var segments: [StoredSegment] = []
            try Self.cut(rendition.cues, at: boundaries, key) { number, bytes in
                segments.append(
                    StoredSegment(
                        rendition: rendition.position, number: number, bytes: bytes.count,
                        durationMicroseconds: boundaries[number] - boundaries[number - 1],
                        sha256: Hex.encode(Digest.sha256(bytes))))
            }
            presentation.append(rendition.caption.outline(in: rendition.folder), segments)
            renditions.append(rendition)
        }
        self.presentation = presentation
        self.videoId = videoId
        self.boundaries = boundaries
        self.key = key
        self.renditions = renditions
        revisions = captions.map(\.caption.revision)
    }

    private static func folder(_ language: String) -> String {
        "captions-\(language.lowercased())-\(SecureRandom.hex(6))"
    }

    /// Stores the segments and the playlists of what is published nowhere yet, one language after the other.
    func store(on shelf: MediaShelf) async throws -> [StoredObject] {
        let folder = PublishedMedia.folder(of: videoId)
        var objects: [StoredObject] = []
        for rendition in renditions where rendition.caption.folder == nil {
            var files: [MediaFile] = []
            let outline = presentation.outline.renditions[rendition.position]
            try Self.cut(rendition.cues, at: boundaries, key) { number, bytes in
                files.append(MediaFile(segmentOfTexts: bytes, key: folder + outline.path(ofSegment: number)))
            }
            if let list = presentation.list(rendition: rendition.position, isFinal: true) {
                files.append(MediaFile(list, in: folder, isFinal: true))
            }
            objects += try await shelf.store(files)
        }
        return objects
    }

    /// Notes where they are published; false, and nothing is noted, when they are not those of the video any more.
    func enter(_ transaction: any CatalogTransaction) throws -> Bool {
        guard try transaction.captions(videoId: videoId).map(\.revision) == revisions else { return false }
        for rendition in renditions where rendition.caption.folder == nil {
            try transaction.publishCaption(
                videoId: videoId, language: rendition.caption.language, in: rendition.folder)
        }
        return true
    }

    /// Gives the segments as they are stored.
    private static func cut(
        _ cues: CueList, at boundaries: [Int64], _ key: ContentKey?,
        _ body: (_ number: Int, _ bytes: [UInt8]) throws -> Void
    ) throws {
        try cues.segments(at: boundaries) { number, bytes in
            guard let key else { return try body(number, bytes) }
            try body(number, AESCBC.seal(bytes, key: key.bytes, vector: ContentKey.vector(number: number)))
        }
    }
}

extension Caption {
    /// Bits per second: two long lines every other second. The true figure is measured, since captions are published with a whole film.
    private static let declaredRate = 1000

    /// The captions as a rendition.
    fileprivate func outline(in folder: String) -> RenditionOutline {
        RenditionOutline(
            name: folder,
            content: .subtitles(
                language: language, title: name ?? language, isForced: false, describesSound: kind == .captions),
            codec: "wvtt", declaredPeak: Self.declaredRate, declaredAverage: Self.declaredRate)
    }
}
