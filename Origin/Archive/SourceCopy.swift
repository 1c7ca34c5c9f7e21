internal import Bytes
internal import Catalog
internal import Crypto
internal import EventLoop
internal import ObjectStore

/// The blobs of one source on their way from one store to another, where they have the same names.
struct SourceCopy: Sendable {
    private static let pieceBytes: Int64 = 1 << 20

    private let object: StoredObject
    private let blobs: [(name: String, size: Int64)]
    private let digests: BlockingPool

    /// The bytes are not those that the source's ETag was made of.
    struct Damaged: Error, CustomStringConvertible {
        let description: String
    }

    /// `pieces` are the source's blobs beside its first; digests are computed on `digests`.
    init(of object: StoredObject, _ pieces: [ObjectPiece], digests: BlockingPool) {
        self.object = object
        self.digests = digests
        blobs = [(object.blob, object.ownSize ?? object.size)] + pieces.map { ($0.blob, $0.size) }
    }

    /// Copies every blob and makes it durable; returns how many bytes there were. What it throws leaves blobs behind: `delete`.
    func run(from source: any BlobStore, to target: any BlobStore) async throws -> Int64 {
        var digests: [[UInt8]] = []
        for blob in blobs { digests.append(try await copy(blob, from: source, to: target)) }
        guard Self.etag(ofBlobsWithDigests: digests, like: object.etag) == object.etag else {
            throw Damaged(description: "the bytes of \(object.key) are not those of its ETag")
        }
        return object.size
    }

    /// Removes what there is of the blobs.
    func delete(from store: any BlobStore) async throws {
        for blob in blobs { try await store.delete(blob.name) }
    }

    /// Whether the store has every blob, with as many bytes as it should have.
    func isWhole(in store: any BlobStore) async throws -> Bool {
        for blob in blobs {
            do {
                guard try await store.open(blob.name).size == blob.size else { return false }
            } catch let error as BlobStoreError where error.code == .missing {
                return false
            }
        }
        return true
    }

    private func copy(
        _ blob: (name: String, size: Int64), from source: any BlobStore, to target: any BlobStore
    ) async throws -> [UInt8] {
        let reader = try await source.open(blob.name)
        guard reader.size == blob.size else {
            throw Damaged(description: "a blob of \(object.key) has \(reader.size) bytes instead of \(blob.size)")
        }
        let writer = try await target.create(named: blob.name, expectedSize: blob.size)
        do {
            let digest = PooledDigest()
            var place: Int64 = 0
            while place < blob.size {
                try Task.checkCancellation()
                let bytes = try await reader.read(at: place, count: Int(min(Self.pieceBytes, blob.size - place)))
                guard !bytes.isEmpty else { throw Damaged(description: "a blob of \(object.key) ends early") }
                try await digests.run { digest.update(bytes) }
                try await writer.append(bytes)
                place += Int64(bytes.count)
            }
            try await writer.commit()
            return digest.finish()
        } catch {
            await writer.discard()
            throw error
        }
    }

    /// S3's ETag of bytes in blobs with these MD5s: for one that came in parts, the MD5 of theirs and how many there are.
    private static func etag(ofBlobsWithDigests digests: [[UInt8]], like etag: String) -> String {
        guard digests.count > 1 || etag.contains("-") else { return Hex.encode(digests[0]) }
        return "\(Hex.encode(Digest.md5(digests.flatMap(\.self))))-\(digests.count)"
    }
}

/// An MD5 that threads of a pool add to.
private final class PooledDigest: @unchecked Sendable {
    // Sendable because one task adds pieces, and waits for each before it goes on.
    private let digest = StreamingDigest(.md5)

    func update(_ bytes: [UInt8]) { digest.update(bytes) }

    func finish() -> [UInt8] { digest.finish() }
}
