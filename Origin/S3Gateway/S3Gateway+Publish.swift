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
        let entry = NewObject(
            object, tags, announcement(of: object, event, request, signer: signer), request,
            inLastingBucket: configuration.buckets.contains(object.bucket))
        try await catalog.publish([object], in: blobs) { try entry.enter($0) }
        if entry.isAnnounced { uploadStored() }
    }

    /// Makes a copy visible in the same way.
    func publish(
        _ copy: ObjectCopy, _ tags: ObjectTags, as event: ObjectEvent.Name, _ request: Request
    ) async throws {
        let entry = NewObject(
            copy.object, tags, announcement(of: copy.object, event, request), request,
            inLastingBucket: configuration.buckets.contains(copy.object.bucket))
        try await catalog.publish(copy, in: blobs) { try entry.enter($0) }
        if entry.isAnnounced { uploadStored() }
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
    private let object: StoredObject
    private let tags: ObjectTags
    private let announcement: ObjectEvent?
    private let conditions: WriteConditions
    private let isBucketLasting: Bool

    init(
        _ object: StoredObject, _ tags: ObjectTags, _ announcement: ObjectEvent?, _ request: Request,
        inLastingBucket: Bool
    ) {
        self.object = object
        self.tags = tags
        self.announcement = announcement
        conditions = WriteConditions(request.headers)
        isBucketLasting = inLastingBucket
    }

    var isAnnounced: Bool { announcement != nil }

    /// Checked before the body as well; only here do the conditions hold against another writer.
    func enter(_ transaction: any CatalogTransaction) throws {
        try conditions.check(transaction.object(bucket: object.bucket, key: object.key))
        guard try isBucketLasting || transaction.bucket(object.bucket) != nil else { throw S3Error.noSuchBucket }
        if !tags.values.isEmpty { try transaction.setTags(tags.values, ofObjectWithBlob: object.blob) }
        if let announcement { try transaction.append(announcement) }
    }
}
