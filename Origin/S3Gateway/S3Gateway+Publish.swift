internal import AccessSigning
internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import Objects

extension S3Gateway {
    /// Makes the object visible with its tags, if the conditions of the request still hold and the bucket is still there; in the
    /// upload bucket the event is queued in the same transaction.
    ///
    /// `signer` is the access key whose signature allowed it, when that is not the request's own.
    func publish(
        _ object: StoredObject, _ tags: ObjectTags = ObjectTags(), as event: ObjectEvent.Name, _ request: Request,
        signer: String? = nil
    ) async throws {
        let entry = entry(of: object, tags.values, event, request, signer)
        try await catalog.publish([object], in: blobs) { try entry.enter($0) }
        if entry.isAnnounced { uploadStored() }
    }

    /// Makes a copy visible in the same way.
    func publish(_ copy: ObjectCopy, _ tags: [String: String], _ request: Request) async throws {
        let entry = entry(of: copy.object, tags, .copy, request, nil)
        try await catalog.publish(copy, in: blobs) { try entry.enter($0) }
        if entry.isAnnounced { uploadStored() }
    }

    private func entry(
        of object: StoredObject, _ tags: [String: String], _ event: ObjectEvent.Name, _ request: Request,
        _ signer: String?
    ) -> NewObject {
        NewObject(
            object: object, tags: tags, isLasting: configuration.buckets.contains(object.bucket),
            conditions: WriteConditions(request.headers),
            announcement: announcement(of: object, event, request, signer: signer))
    }

    /// What the queue is told of a new object; nil outside the upload bucket, whose objects alone are announced.
    func announcement(
        of object: StoredObject, _ event: ObjectEvent.Name, _ request: Request, signer: String? = nil
    ) -> ObjectEvent? {
        guard object.bucket == configuration.uploadBucket else { return nil }
        let signed = SigV4Request(
            method: request.method, path: request.path, query: request.query, headers: request.headers)
        // The request is here because its signature is good: who it says has signed it has.
        return ObjectEvent(
            event, of: object, requestId: request.requestID, region: configuration.region,
            principalId: signer ?? (try? SigV4Authorization.parse(signed).accessKeyId), sourceAddress: request.peer.ip)
    }
}

/// What else a transaction does in which an object becomes visible.
private struct NewObject: Sendable {
    let object: StoredObject
    let tags: [String: String]
    /// Whether the bucket is there whatever happens.
    let isLasting: Bool
    let conditions: WriteConditions
    let announcement: ObjectEvent?

    var isAnnounced: Bool { announcement != nil }

    /// The conditions were checked before the body as well; only here do they hold against another writer.
    func enter(_ transaction: any CatalogTransaction) throws {
        try conditions.check(transaction.object(bucket: object.bucket, key: object.key))
        guard try isLasting || transaction.bucket(object.bucket) != nil else { throw S3Error.noSuchBucket }
        if !tags.isEmpty { try transaction.setTags(tags, ofObjectWithBlob: object.blob) }
        if let announcement { try transaction.append(announcement) }
    }
}
