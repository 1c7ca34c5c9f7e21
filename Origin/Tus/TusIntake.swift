internal import Catalog
internal import ObjectStore
internal import Objects
internal import TusWire

/// What one request brings: the bytes become parts of the upload, durable every 64 MiB and at the end.
///
/// With a checksum they become one part, once it holds. One task at a time uses it.
actor TusIntake {
    private static let pieceBytes: Int64 = 256 << 10

    private let uploads: TusUploads
    private let id: String
    /// The last parts, the last one first.
    private let last: [UploadPart]
    private let limit: Int64
    private var checksum: StreamingTusChecksum?
    /// Bytes of the upload that are durable, as far as this request knows.
    private var durable: Int64
    /// Place behind the last byte that came.
    private var place: Int64
    /// The first bytes, while it is not known what they are written together with.
    private var held: [UInt8] = []
    private var parts: PartWriter?
    private var hasFailed = false

    init(
        _ uploads: TusUploads, _ id: String, behind last: [UploadPart], at offset: Int64, limit: Int64,
        checksum: UploadChecksum?
    ) {
        self.uploads = uploads
        self.id = id
        self.last = last
        self.limit = limit
        self.checksum = checksum.map { StreamingTusChecksum($0) }
        durable = offset
        place = offset
    }

    /// Takes bytes; when it throws, nothing more can be taken.
    func take(_ bytes: [UInt8]) async throws {
        do {
            place += Int64(bytes.count)
            guard place <= limit else { throw TusRefusal.tooLarge(limit) }
            checksum?.update(bytes)
            if let parts { return try await parts.append(bytes) }
            held += bytes
            if held.count >= PartMerging.heldBytes { try await write() }
        } catch {
            hasFailed = true
            throw error
        }
    }

    /// Makes durable what came, unless it is not what was announced.
    func finish() async throws {
        do {
            if let checksum, !checksum.holds() { throw TusRefusal.checksumMismatch }
            try await keep()
        } catch {
            await discard()
            throw error
        }
    }

    /// Makes durable what came of a request that broke off; of one with a checksum nobody knows whether it is right.
    func breakOff() async throws {
        if checksum != nil || hasFailed { await discard() } else { try await keep() }
    }

    private func keep() async throws {
        if !held.isEmpty { try await write() }
        try await parts?.finish()
        parts = nil
    }

    private func discard() async {
        held = []
        await parts?.discard()
        parts = nil
    }

    /// Begins to write: the parts that are to be joined, then what is held.
    private func write() async throws {
        let joined = PartMerging.joined(last, with: Int64(held.count))
        let number = joined.first?.number ?? (last.first?.number ?? 0) + 1
        let parts = PartWriter(
            from: number, bytesPerPart: checksum == nil ? PartWriter.usualBytes : .max, in: uploads.blobs,
            now: uploads.now
        ) { try await self.save($0) }
        self.parts = parts
        for part in joined { try await copy(part, to: parts) }
        try await parts.append(held)
        held = []
    }

    private func copy(_ part: UploadPart, to parts: PartWriter) async throws {
        let blob = try await uploads.blobs.open(part.blob)
        var place: Int64 = 0
        while place < part.size {
            let bytes = try await blob.read(at: place, count: Int(min(Self.pieceBytes, part.size - place)))
            guard !bytes.isEmpty else { throw BlobStoreError(.inputOutput, "a part is shorter than its row") }
            place += Int64(bytes.count)
            try await parts.append(bytes)
        }
    }

    /// The part's row, and the end of the upload if it was the last, unless another request was quicker.
    private func save(_ part: UploadPart) async throws {
        let (id, expected, place, now) = (id, durable, uploads.place, uploads.now())
        let (bytes, isWhole) = try await uploads.catalog.write { transaction in
            guard try transaction.upload(id: id) != nil else { throw TusRefusal.notFound }
            let there = try transaction.uploadedBytes(of: id)
            guard there == expected else { throw TusRefusal.wrongOffset(there) }
            try transaction.append(part, to: id)
            let bytes = try transaction.uploadedBytes(of: id)
            return (bytes, try place.complete(id, in: transaction, now: now))
        }
        durable = bytes
        if isWhole { uploads.place.uploadStored() }
    }
}
