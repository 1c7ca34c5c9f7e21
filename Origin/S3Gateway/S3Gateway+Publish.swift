internal import AccessSigning
internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import Objects

extension S3Gateway {
    /// Makes the object visible, if the conditions of the request still hold; in the upload bucket the event is queued in the
    /// same transaction.
    func publish(_ object: StoredObject, as event: ObjectEvent.Name, _ request: Request) async throws {
        let (conditions, announcement) = (WriteConditions(request.headers), announcement(of: object, event, request))
        try await catalog.publish([object], in: blobs) { transaction in
            // Checked before the body as well; only here does it hold against another writer.
            try conditions.check(transaction.object(bucket: object.bucket, key: object.key))
            if let announcement { try transaction.append(announcement) }
        }
        if announcement != nil { uploadStored() }
    }

    /// What the queue is told of a new object; nil outside the upload bucket, whose objects alone are announced.
    func announcement(
        of object: StoredObject, _ event: ObjectEvent.Name, _ request: Request
    ) -> ObjectEvent? {
        guard object.bucket == configuration.uploadBucket else { return nil }
        let signed = SigV4Request(
            method: request.method, path: request.path, query: request.query, headers: request.headers)
        // The request is here because its signature is good: who it says has signed it has.
        return ObjectEvent(
            event, of: object, requestId: request.requestID, region: configuration.region,
            principalId: try? SigV4Authorization.parse(signed).accessKeyId, sourceAddress: request.peer.ip)
    }
}
