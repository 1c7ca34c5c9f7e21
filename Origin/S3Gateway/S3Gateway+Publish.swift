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
        let isLasting = configuration.buckets.contains(object.bucket)
        let conditions = WriteConditions(request.headers)
        let announcement = announcement(of: object, event, request, signer: signer)
        try await catalog.publish([object], in: blobs) { transaction in
            // Checked before the body as well; only here does it hold against another writer.
            try conditions.check(transaction.object(bucket: object.bucket, key: object.key))
            guard try isLasting || transaction.bucket(object.bucket) != nil else { throw S3Error.noSuchBucket }
            if !tags.values.isEmpty { try transaction.setTags(tags.values, ofObjectWithBlob: object.blob) }
            if let announcement { try transaction.append(announcement) }
        }
        if announcement != nil { uploadStored() }
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
