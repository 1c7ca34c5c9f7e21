internal import Catalog
internal import ObjectStore
internal import Objects
internal import Playlist
internal import Presentation

/// A file of a video, and the key it lies under.
struct MediaFile: Sendable {
    let key: String
    let contentType: String
    let cacheControl: String
    let bytes: [UInt8]

    /// A media playlist, or a list of pictures.
    init(_ list: RenditionList, in folder: String, isFinal: Bool) {
        self.init(folder + list.path, list.contentType, list.text, isFinal: isFinal)
    }

    /// The multivariant playlist.
    init(multivariantOf presentation: Presentation, in folder: String, isFinal: Bool) {
        self.init(
            folder + Presentation.playlistName, Presentation.playlistContentType,
            presentation.multivariant(isFinal: isFinal).text, isFinal: isFinal)
    }

    /// How long caches may keep a list: a growing one is worth asking for every second, a final one seldom.
    private init(_ key: String, _ contentType: String, _ text: String, isFinal: Bool) {
        self.key = key
        self.contentType = contentType
        cacheControl = isFinal ? "public, max-age=3600, stale-if-error=86400" : "public, max-age=1"
        bytes = Array(text.utf8)
    }

    /// A segment of texts, which never changes under its name.
    init(segmentOfTexts bytes: [UInt8], key: String) {
        self.key = key
        contentType = "text/vtt"
        cacheControl = "public, max-age=31536000, immutable"
        self.bytes = bytes
    }
}

/// Where files of a video are made objects that nobody sees yet.
struct MediaShelf: Sendable {
    let blobs: any BlobStore
    let bucket: String
    let videoId: String
    /// Epoch milliseconds.
    let now: Int64
    /// The store has a few threads, and a queue that is not endless.
    private static let sideBySide = 16

    /// The files as objects, in their order. What is durable when another one fails is an orphan, which the sweep finds.
    func store(_ files: [MediaFile]) async throws -> [StoredObject] {
        let made = try await withThrowingTaskGroup(of: (Int, StoredObject).self) { group in
            var made: [(Int, StoredObject)] = []
            for (place, file) in files.enumerated() {
                if place >= Self.sideBySide, let one = try await group.next() { made.append(one) }
                group.addTask { (place, try await store(file)) }
            }
            for try await one in group { made.append(one) }
            return made
        }
        return made.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private func store(_ file: MediaFile) async throws -> StoredObject {
        let described = StoredObject(
            bucket: bucket, key: file.key, blob: "", size: 0, etag: "", contentType: file.contentType,
            headers: ["cache-control": file.cacheControl], metadata: ["cache-tag": "video:\(videoId)"], createdAt: now)
        return try await ObjectDraft.whole(described, file.bytes, in: blobs)
    }
}
