internal import Bytes
public import Catalog
internal import Crypto
public import ObjectStore

/// Bytes that go behind those an upload has: each part is durable, and handed over, before the next one begins.
///
/// A crash loses what came of the last part. One task at a time uses it, and ends it with `finish` or `discard`.
public actor PartWriter {
    /// What is handed over and must become a row of the upload; when it throws, the part is deleted again.
    public typealias Taker = @Sendable (UploadPart) async throws -> Void

    /// Bytes of a part (64 MiB).
    public static let usualBytes: Int64 = 64 << 20

    private let blobs: any BlobStore
    private let bytesPerPart: Int64
    private let now: @Sendable () -> Int64
    private let take: Taker
    private var number: Int
    private var draft: Draft?

    private struct Draft {
        let blob: any BlobWriter
        let digest = StreamingDigest(.md5)
        var size: Int64 = 0
    }

    /// Begins with part `number`. `bytesPerPart` of `.max` makes one part of all; `now` gives epoch milliseconds.
    public init(
        from number: Int, bytesPerPart: Int64 = PartWriter.usualBytes, in blobs: any BlobStore,
        now: @escaping @Sendable () -> Int64, take: @escaping Taker
    ) {
        self.number = number
        self.bytesPerPart = bytesPerPart
        self.blobs = blobs
        self.now = now
        self.take = take
    }

    /// Adds bytes. `expecting` is how many there will be from these on, so that a store without room says so at once.
    public func append(_ bytes: [UInt8], expecting: Int64? = nil) async throws {
        if draft == nil { draft = Draft(blob: try await blobs.create(expectedSize: expecting)) }
        guard let blob = draft?.blob else { return }
        try await blob.append(bytes)
        draft?.digest.update(bytes)
        draft?.size += Int64(bytes.count)
        if let size = draft?.size, size >= bytesPerPart { try await finish() }
    }

    /// Hands the last part over, if there are bytes of one.
    public func finish() async throws {
        guard let ended = draft else { return }
        draft = nil
        try await ended.blob.commit()
        let part = UploadPart(
            number: number, blob: ended.blob.name, size: ended.size, etag: Hex.encode(ended.digest.finish()),
            createdAt: now())
        do {
            try await take(part)
        } catch {
            // If this fails as well, the orphan sweep finds it.
            try? await blobs.delete(part.blob)
            throw error
        }
        number += 1
    }

    /// Throws away what came of the last part.
    public func discard() async {
        let ended = draft
        draft = nil
        await ended?.blob.discard()
    }
}
