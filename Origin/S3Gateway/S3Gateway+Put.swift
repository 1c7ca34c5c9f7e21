internal import Catalog
internal import HTTPServer
internal import HTTPWire

extension S3Gateway {
    /// Streams the body into a blob, checks it, makes it durable, and only then makes it visible.
    func putObject(
        _ bucket: String, _ key: String, _ request: Request, _ payload: SignedPayload
    ) async throws -> Response {
        let headers = request.headers
        var body = try IncomingBody(request, payload: payload, maximumBytes: configuration.maximumObjectBytes)
        let described = try describe(bucket, key, headers)
        let tags = try ObjectTags(headers)
        try await checkWritePreconditions(bucket, key, headers)
        let object = try await body.store(as: described, in: blobs, digests: digests)
        try await publish(object, tags, as: .put, request)
        return stored(object)
    }

    /// The answer to bytes that were stored.
    func stored(_ object: StoredObject) -> Response {
        var response = Response(status: .ok)
        response.headers.set("ETag", "\"\(object.etag)\"")
        setChecksums(of: object, in: &response.headers)
        return response
    }

    /// Removes the object; removing one that is not there succeeds as well.
    func deleteObject(_ bucket: String, _ key: String, _ request: Request) async throws -> Response {
        let conditions = WriteConditions(request.headers)
        try await catalog.write { transaction in
            if conditions.isConditional { try conditions.check(transaction.object(bucket: bucket, key: key)) }
            _ = try transaction.deleteObject(bucket: bucket, key: key)
        }
        return Response(status: .noContent)
    }

    func checkWritePreconditions(_ bucket: String, _ key: String, _ headers: Headers) async throws {
        let conditions = WriteConditions(headers)
        guard conditions.isConditional else { return }
        try conditions.check(try await catalog.read { try $0.object(bucket: bucket, key: key) })
    }
}
