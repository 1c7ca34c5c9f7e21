internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects

extension S3Gateway {
    /// Stores a part as a PUT stores an object: whole, checked and durable before anybody knows of it.
    func putPart(
        _ number: Int, of id: String, _ place: S3Place, _ request: Request, _ payload: SignedPayload
    ) async throws -> Response {
        let upload = try await catalog.read { try $0.upload(id, at: place) }
        let wanted = upload.checksumAlgorithm
        var body = try IncomingBody(
            request, payload: payload, maximumBytes: maximumPartBytes(of: upload), computing: wanted)
        if let wanted, let sent = body.sentChecksum, sent != wanted {
            throw S3Error.invalidRequest(
                "Checksum Type mismatch occurred, expected checksum Type: \(wanted), actual checksum Type: \(sent)")
        }
        let stored = try await body.store(as: upload.object, in: blobs, digests: digests)
        try await save(stored, as: number, of: id, place)
        return self.stored(stored)
    }

    /// The largest part an upload may have.
    func maximumPartBytes(of upload: MultipartUpload) -> Int64 {
        min(configuration.maximumObjectBytes, upload.maximumPartBytes ?? .max)
    }

    /// Makes durable bytes a part, unless the upload has ended meanwhile; then they are deleted.
    func save(_ stored: StoredObject, as number: Int, of id: String, _ place: S3Place) async throws {
        let part = UploadPart(
            number: number, blob: stored.blob, size: stored.size, etag: stored.etag, checksums: stored.checksums,
            createdAt: now())
        do {
            try await catalog.write { transaction in
                _ = try transaction.upload(id, at: place)
                try transaction.save(part, of: id)
            }
        } catch {
            // If this fails as well, the orphan sweep finds it.
            try? await blobs.delete(stored.blob)
            throw error
        }
    }
}

extension MultipartUpload {
    /// What the checksum of the whole is made with.
    var checksumAlgorithm: ChecksumAlgorithm? { checksum.flatMap { ChecksumAlgorithm(rawValue: $0.algorithm) } }
}
