internal import CMAF
internal import Catalog
internal import EventLoop
internal import Jobs
internal import ObjectStore
internal import Objects
internal import Presentation

/// The downloads of one video, as its finished work says they are made.
struct DownloadAssembly: Sendable {
    /// A size of the picture and the file it becomes.
    struct Size: Sendable {
        let rendition: Int
        let height: Int
    }

    let job: Job
    let title: String
    /// Sizes of which there is no file yet, lowest first.
    let sizes: [Size]
    private let outline: PresentationOutline
    private let segments: [Int]

    /// Nil when there is nothing to make: the job is gone or not done, or it is of sound alone, or from before there were plans.
    init?(jobId: String, bucket: String, in reader: any CatalogReader) throws {
        guard let job = try reader.job(id: jobId), job.state == .done, let video = try reader.video(id: job.videoId),
            let outline = try reader.plan(jobId: jobId)?.presentation
        else { return nil }
        let accounts = try reader.renditionAccounts(jobId: jobId)
        guard accounts.count == outline.renditions.count else { return nil }
        segments = accounts.map(\.publishedSegments)
        var heights = Set(try Download.list(videoId: video.id, bucket: bucket, in: reader).map(\.height))
        var sizes: [Size] = []
        for rendition in outline.pictures where segments[rendition] > 0 && outline.renditions[rendition].isPlayedByAll {
            guard case .video(let width, let rows, _) = outline.renditions[rendition].content,
                heights.insert(min(width, rows)).inserted
            else { continue }
            sizes.append(Size(rendition: rendition, height: min(width, rows)))
        }
        guard !sizes.isEmpty else { return nil }
        self.job = job
        title = video.title == video.fileName ? Self.stem(of: video.fileName) : video.title
        self.outline = outline
        self.sizes = sizes
    }

    private static func stem(of fileName: String) -> String {
        guard let dot = fileName.lastIndex(of: "."), dot > fileName.startIndex else { return fileName }
        return String(fileName[..<dot])
    }

    /// The default sound; nil for a silent film.
    var sound: Int? { outline.sounds.first { segments[$0] > 0 } }

    /// What a rendition gives to a file: where its samples are, and the segments that have them.
    struct Track: Sendable {
        var tables: SampleTables
        var segments: [StoredObject]
    }

    /// The folder that everything of the video is in, with its slash.
    private var folder: String { PublishedMedia.folder(of: job.videoId) }

    /// Reads the beginning of every segment of a rendition.
    ///
    /// Throws `MediaReadError` for a segment that is not as ours are, `BlobStoreError` with `.missing` for one that is not there.
    func track(
        _ rendition: Int, bucket: String, _ catalog: any CatalogStore, _ blobs: any BlobStore
    ) async throws -> Track {
        let name = outline.renditions[rendition].name
        let start = StoredPath(bucket: bucket, key: "\(folder)\(name)/\(Presentation.initializationName)")
        let (object, reader) = try await start.open(catalog, blobs)
        var track = Track(
            tables: try SampleTables(
                initialization: try await reader.read(at: 0, count: Int(min(object.size, 1 << 20)))), segments: [])
        for number in 1...segments[rendition] {
            let path = StoredPath(bucket: bucket, key: folder + outline.renditions[rendition].path(ofSegment: number))
            let (object, reader) = try await path.open(catalog, blobs)
            var count = Self.usualHead
            while true {
                let head = try await reader.read(at: 0, count: Int(min(object.size, Int64(count))))
                if try track.tables.add(segmentStartingWith: head, of: Int(object.size)) { break }
                count *= 16
            }
            track.segments.append(object)
        }
        return track
    }

    /// What is said of the samples of six seconds fits.
    private static let usualHead = 16 * 1024

    /// The file of one size: its header, and where the rest of it is.
    static func file(_ tracks: [Track]) -> (header: [UInt8], parts: [AssembledObject.Source]) {
        let movie = ProgressiveMovie(tracks: tracks.map(\.tables))
        let parts = movie.pieces.map { piece in
            AssembledObject.Source(
                tracks[piece.track].segments[piece.segment],
                Int64(piece.range.lowerBound)..<Int64(piece.range.upperBound))
        }
        return (movie.header(), parts)
    }

    /// The object as it is stored, but for its bytes.
    func described(_ size: Size, bucket: String, now: Int64) -> StoredObject {
        StoredObject(
            bucket: bucket, key: Download.key(videoId: job.videoId, height: size.height), blob: "", size: 0, etag: "",
            contentType: "video/mp4",
            headers: [
                // Made again it has the same bytes.
                "cache-control": "public, max-age=31536000, immutable",
                "content-disposition": DownloadName(title: title, height: size.height).contentDisposition,
            ], metadata: ["cache-tag": "video:\(job.videoId)"], createdAt: now)
    }
}

/// Where an object lies.
private struct StoredPath: Sendable {
    let bucket: String
    let key: String

    func open(_ catalog: any CatalogStore, _ blobs: any BlobStore) async throws -> (StoredObject, any BlobReader) {
        guard let object = try await catalog.read({ [self] in try $0.object(bucket: bucket, key: key) }) else {
            throw BlobStoreError(.missing, "there is no \(key)")
        }
        guard object.ownSize == nil else {
            throw BlobStoreError(.inputOutput, "\(key) was stored in parts, which no segment is")
        }
        return (object, try await blobs.open(object.blob))
    }
}
