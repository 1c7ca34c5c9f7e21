internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import XML

extension S3Gateway {
    /// When the buckets that are configured are said to have been made.
    private static let configuredSince: Int64 = 1_767_225_600_000

    /// `GET /`: the buckets the signer may read.
    func bucketList(_ access: S3Access) async throws -> Response {
        let made = try await catalog.read { try $0.buckets() }
        let all = configuration.buckets.map { Bucket(name: $0, createdAt: S3Gateway.configuredSince) } + made
        var document = XMLDocument()
        document.element("ListAllMyBucketsResult", namespace: S3Gateway.namespace) { document in
            document.owner()
            document.element("Buckets") { document in
                for bucket in all where access.mayRead(bucket.name) {
                    document.element("Bucket") { document in
                        document.element("Name", bucket.name)
                        document.element("CreationDate", ISO8601.extended(milliseconds: bucket.createdAt))
                    }
                }
            }
        }
        return Response(document)
    }

    /// Whether there is such a bucket.
    func exists(_ bucket: String) async throws -> Bool {
        if configuration.buckets.contains(bucket) { return true }
        return try await catalog.read { try $0.bucket(bucket) != nil }
    }

    /// Answers for a bucket as such, and for what can be set for it.
    func answerBucket(
        _ bucket: String, _ request: Request, _ query: Query, _ payload: SignedPayload, _ access: S3Access
    ) async throws -> Response {
        if request.method == .put, BucketSubresource(query) == nil {
            return try await createBucket(bucket, request, payload, access)
        }
        guard try await exists(bucket) else { throw S3Error.noSuchBucket }
        if let subresource = BucketSubresource(query) {
            return try await answer(subresource, of: bucket, request, payload)
        }
        switch request.method {
        case .head:
            var response = Response(status: .ok)
            response.headers.set("x-amz-bucket-region", configuration.region)
            return response
        case .get where query.contains("uploads"): return try await listUploads(bucket, query)
        case .get: return try await listObjects(bucket, query)
        case .delete: return try await deleteBucket(bucket)
        default: throw S3Error.methodNotAllowed
        }
    }

    /// Makes a bucket; one that exists is the caller's own already, as everything here has one owner.
    private func createBucket(
        _ bucket: String, _ request: Request, _ payload: SignedPayload, _ access: S3Access
    ) async throws -> Response {
        let region = try await wantedRegion(request, payload)
        guard [nil, "", configuration.region].contains(region) else {
            throw S3Error(
                "IllegalLocationConstraintException", 400, "Buckets here are in the region \(configuration.region).")
        }
        if try await !exists(bucket) {
            guard access.mayManageBuckets else { throw S3Error.accessDenied }
            guard S3Target.mayBeMade(bucket) else {
                throw S3Error("InvalidBucketName", 400, "The specified bucket is not valid.")
            }
            let made = Bucket(name: bucket, createdAt: now())
            _ = try await catalog.write { try $0.insert(made) }
        }
        var response = Response(status: .ok)
        response.headers.set("Location", "/\(bucket)")
        return response
    }

    private func wantedRegion(_ request: Request, _ payload: SignedPayload) async throws -> String? {
        guard request.body.length != 0 else { return nil }
        let document = try await readDocument(request, payload)
        return document.first("LocationConstraint").map { ASCII.trimmed($0.text) }
    }

    /// Removes an empty bucket that somebody made.
    private func deleteBucket(_ bucket: String) async throws -> Response {
        guard !configuration.buckets.contains(bucket) else {
            throw S3Error("AccessDenied", 403, "This bucket belongs to the installation and stays.")
        }
        try await catalog.write { transaction in
            guard try transaction.objects(bucket: bucket, prefix: "", from: "", limit: 1).isEmpty else {
                throw S3Error.bucketNotEmpty
            }
            try transaction.deleteBucket(bucket)
        }
        return Response(status: .noContent)
    }

    private func listObjects(_ bucket: String, _ query: Query) async throws -> Response {
        let request = try ObjectListRequest(query)
        let listing = try await catalog.read { try ObjectListing(bucket, request, $0) }
        return Response(listing.document(bucket, request))
    }
}
