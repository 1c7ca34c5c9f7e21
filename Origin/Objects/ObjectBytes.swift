public import Catalog
public import ObjectStore

/// The bytes of one object, wherever they lie: in its blob, partly in further ones of its own, or in those of other objects.
///
/// It holds the object's first blob, which outlives the object; the others are looked up when they are read, and are gone
/// when the object is whose they are.
public struct ObjectBytes: Sendable {
    private static let pieceBytes = 256 * 1024

    private let object: StoredObject
    private let own: any BlobReader
    private let catalog: any CatalogStore
    private let blobs: any BlobStore

    /// Opens the bytes of `object`; throws `.missing` when its blob is gone.
    public init(of object: StoredObject, in blobs: any BlobStore, _ catalog: any CatalogStore) async throws {
        self.object = object
        self.blobs = blobs
        self.catalog = catalog
        own = try await blobs.open(object.blob)
        guard own.size == object.ownSize ?? object.size else {
            throw BlobStoreError(.inputOutput, "the blob has another size than its object says")
        }
    }

    /// Gives the bytes of `range`, which must lie in the object, to `body` in order and in pieces of at most 256 KiB.
    ///
    /// Throws `.missing` when an object is gone whose bytes these were.
    public func read(_ range: Range<Int64>, _ body: ([UInt8]) async throws -> Void) async throws {
        precondition(range.lowerBound >= 0 && range.upperBound <= object.size, "a range lies in its object")
        var place = range.lowerBound
        let ownEnd = min(range.upperBound, own.size)
        if place < ownEnd {
            try await read(place..<ownEnd, of: own, body)
            place = ownEnd
        }
        while place < range.upperBound {
            let (run, blob) = try await run(holding: place)
            let end = min(range.upperBound, run.start + run.count)
            let shift = run.offset - run.start
            try await read(place + shift..<end + shift, of: blob, body)
            place = end
        }
    }

    /// Bytes that lie together in a blob.
    private struct Run: Sendable {
        /// Place of the first of them in the object.
        let start: Int64
        let count: Int64
        let blob: String
        /// Place of the first of them in the blob.
        let offset: Int64
    }

    /// The other object may be replaced by one of the same bytes, and its blob reclaimed, between the look-up and the opening; then
    /// it is looked up again.
    private func run(holding place: Int64) async throws -> (Run, any BlobReader) {
        let (owner, bucket) = (object.blob, object.bucket)
        for _ in 0..<3 {
            let found = try await catalog.read { reader -> Run? in
                if let piece = try reader.objectPiece(blob: owner, holding: place) {
                    return Run(start: piece.start, count: piece.size, blob: piece.blob, offset: 0)
                }
                guard let part = try reader.objectPart(blob: owner, holding: place),
                    let other = try reader.object(bucket: bucket, key: part.key), other.etag == part.etag
                else { return nil }
                return Run(start: part.start, count: part.count, blob: other.blob, offset: part.offset)
            }
            guard let found else { break }
            do {
                return (found, try await blobs.open(found.blob))
            } catch let error as BlobStoreError where error.code == .missing {
                continue
            }
        }
        throw BlobStoreError(.missing, "bytes of \(object.key) beyond its first blob are gone")
    }

    private func read(
        _ range: Range<Int64>, of blob: any BlobReader, _ body: ([UInt8]) async throws -> Void
    ) async throws {
        var place = range.lowerBound
        while place < range.upperBound {
            let wanted = min(Int64(Self.pieceBytes), range.upperBound - place)
            let bytes = try await blob.read(at: place, count: Int(wanted))
            guard !bytes.isEmpty else { throw BlobStoreError(.inputOutput, "a blob is shorter than its object says") }
            place += Int64(bytes.count)
            try await body(bytes)
        }
    }
}
