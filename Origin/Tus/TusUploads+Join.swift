public import Catalog
internal import Crypto
internal import Library

extension TusUploads {
    /// Makes a video's file of parts, in one transaction of rows, whatever their bytes. The parts are gone then; asked again for the
    /// same parts the answer is the same, and no second video is made.
    public func join(
        _ partials: [String], as video: Video, of ownerId: String, metadata: String
    ) async throws -> TusStatus {
        let (id, now, place, quotas) = (SecureRandom.hex(16), now(), place, quotas)
        let (status, isNew) = try await catalog.write { transaction in
            if let before = try transaction.tusUpload(of: ownerId, joining: partials) {
                return (try transaction.tusStatus(of: before.id, ownerId: ownerId, now: now), false)
            }
            let length = try transaction.bytes(of: partials, ownerId: ownerId, now: now)
            guard length <= place.maximumBytes else { throw TusRefusal.tooLarge(place.maximumBytes) }
            try quotas.admit(bytes: length, ownerId: ownerId, in: transaction)
            var video = video
            video.declaredSize = length
            try transaction.insert(video)
            try transaction.insert(MultipartUpload(id: id, object: place.object(of: video, id: id, now: now)))
            try transaction.insert(
                TusUpload(
                    id: id, ownerId: ownerId, videoId: video.id, length: length, metadata: metadata,
                    partials: partials, createdAt: now))
            try transaction.moveParts(of: partials, to: id)
            _ = try place.complete(id, in: transaction, now: now)
            return (try transaction.tusStatus(of: id, ownerId: ownerId, now: now), true)
        }
        if isNew { place.uploadStored() }
        return status
    }
}

extension CatalogTransaction {
    /// Bytes of parts that are all there and an account's.
    fileprivate func bytes(of partials: [String], ownerId: String, now: Int64) throws -> Int64 {
        try partials.reduce(0) { sum, id in
            let status: TusStatus
            do {
                status = try tusStatus(of: id, ownerId: ownerId, now: now)
            } catch is TusRefusal {
                throw TusRefusal.noPartial
            }
            guard status.upload.videoId == nil else { throw TusRefusal.noPartial }
            guard status.offset == status.upload.length else { throw TusRefusal.unfinished }
            return sum + status.offset
        }
    }

    fileprivate func moveParts(of partials: [String], to id: String) throws {
        var last = 0
        for partial in partials {
            let count = try lastUploadParts(of: partial, limit: 1).first?.number ?? 0
            guard last + count <= MultipartUpload.maximumParts else {
                throw TusRefusal(.tooLarge, "The uploads came in too many pieces to be joined.")
            }
            try moveUploadParts(of: partial, to: id, after: last)
            last += count
            _ = try deleteUpload(id: partial)
            try forgetTusUpload(id: partial)
        }
    }
}
