internal import Catalog
internal import Library
internal import ObjectStore
public import TusWire

/// What a request says of the bytes it brings.
public struct TusDelivery: Sendable {
    /// Where the bytes belong.
    public var offset: Int64
    /// How long the upload is, from somebody who did not know when it began; nil otherwise.
    public var length: Int64?
    /// How many bytes there are; nil when the client does not know.
    public var count: Int64?
    /// What they are held against.
    public var checksum: UploadChecksum?

    /// Describes bytes.
    public init(offset: Int64, length: Int64? = nil, count: Int64? = nil, checksum: UploadChecksum? = nil) {
        self.offset = offset
        self.length = length
        self.count = count
        self.checksum = checksum
    }
}

extension TusUploads {
    /// Puts bytes behind those that are there, and returns when they are durable. The last of them make the file.
    ///
    /// Bytes that break off are kept as far as they came, but for those with a checksum; what the body throws is thrown then.
    public func append<Body: AsyncSequence & Sendable>(
        _ body: Body, _ delivery: TusDelivery, to id: String, ownerId: String
    ) async throws -> TusStatus where Body.Element == [UInt8] {
        // Whose upload it is comes first: nobody takes the place of somebody else's.
        _ = try await storedStatus(of: id, ownerId: ownerId)
        let reception = Reception(at: now())
        try await receptions.enter(reception, id, now: now)
        // The request may be gone while what it brought is made durable, and nobody cancels that.
        let work = Task {
            defer { receptions.leave(id) }
            return try await receive(body, delivery, reception, id, ownerId)
        }
        do {
            return try await work.value
        } catch is CancellationError {
            throw TusRefusal.busy
        } catch let error as BlobStoreError where error.code == .full {
            throw TusRefusal(.storageFull, "There is no room left.")
        } catch let error as BlobStoreError where error.code == .exhausted {
            throw TusRefusal(.overloaded, "Too much at once; try again in a second.")
        }
    }

    private func receive<Body: AsyncSequence & Sendable>(
        _ body: Body, _ delivery: TusDelivery, _ reception: Reception, _ id: String, _ ownerId: String
    ) async throws -> TusStatus where Body.Element == [UInt8] {
        let before = try await prepared(delivery, id, ownerId)
        guard before.expiresAt != nil else {
            guard delivery.count == 0 else { throw TusRefusal.finished }
            return before
        }
        let limit = before.upload.length ?? place.maximumBytes
        if let count = delivery.count, count > limit - before.offset { throw TusRefusal.tooLarge(limit) }
        let last = try await catalog.read { try $0.lastUploadParts(of: id, limit: PartMerging.tailParts) }
        let intake = TusIntake(
            self, id, behind: last, at: before.offset, limit: limit, checksum: delivery.checksum)
        let now = now
        let reading: Task<Void, any Error> = Task {
            for try await piece in body {
                reception.heard(at: now())
                // Only the wait for bytes ends with this task: what has come is not lost half-way.
                try await Task { try await intake.take(piece) }.value
            }
            try Task.checkCancellation()
        }
        reception.begin(reading)
        do {
            try await reading.value
        } catch {
            try await intake.breakOff()
            throw error
        }
        try await intake.finish()
        return try await storedStatus(of: id, ownerId: ownerId)
    }

    /// Holds a delivery against what is there; a length that it brings is the upload's from now on.
    private func prepared(_ delivery: TusDelivery, _ id: String, _ ownerId: String) async throws -> TusStatus {
        let (now, place, quotas) = (now(), place, quotas)
        let check = { @Sendable (reader: any CatalogReader) throws -> TusStatus in
            let status = try reader.tusStatus(of: id, ownerId: ownerId, now: now)
            guard status.upload.partials.isEmpty else { throw TusRefusal.isFinal }
            guard status.offset == delivery.offset else { throw TusRefusal.wrongOffset(status.offset) }
            return status
        }
        guard let length = delivery.length else { return try await catalog.read(check) }
        guard length <= place.maximumBytes else { throw TusRefusal.tooLarge(place.maximumBytes) }
        let (status, isWhole) = try await catalog.write { transaction in
            let status = try check(transaction)
            guard status.offset <= length, length > 0, (status.upload.length ?? length) == length else {
                throw TusRefusal.wrongLength
            }
            if status.upload.length == nil, let video = try status.upload.videoId.flatMap(transaction.video(id:)),
                let excess = try quotas.excess(of: video, size: length, in: transaction)
            {
                throw excess
            }
            try transaction.setLength(length, ofTusUpload: id)
            let isWhole = try place.complete(id, in: transaction, now: now)
            return (try check(transaction), isWhole)
        }
        if isWhole { place.uploadStored() }
        return status
    }
}
