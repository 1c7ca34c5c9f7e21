internal import AccessSigning
public import Archive
public import Catalog
public import EventLoop
public import HTTPServer
internal import HTTPWire
public import ObjectStore
internal import SQLiteDatabase
internal import XML

/// The S3 API over the catalog's index and the blob store.
///
/// An object is visible exactly when its row is committed, which is after its bytes are whole, checked and durable.
public final class S3Gateway: Sendable {
    let configuration: S3Configuration
    let catalog: any CatalogStore
    let blobs: any BlobStore
    let digests: BlockingPool
    let now: @Sendable () -> Int64
    let secret: Secret
    let uploadStored: @Sendable () -> Void
    let restores: SourceRestores
    let objectRead: @Sendable (StoredObject) -> Void
    let report: @Sendable (S3Report) -> Void

    /// What S3's clients insist on for lists.
    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// Bytes that edges are given under a bucket's key and that lie in no store; nil for a key that is an object's, or nobody's.
    public typealias Secret = @Sendable (_ bucket: String, _ key: String) async throws -> [UInt8]?

    /// A gateway over its stores.
    ///
    /// `digests` computes checksums of large bodies. `now` gives epoch milliseconds. `secret` is asked at every read. `uploadStored` is called after an upload's event was committed;
    /// `restores` is how objects of the archive are asked for; `objectRead` hears of each object whose bytes somebody gets; `report` hears of
    /// failures that are not the client's. None may block.
    public init(
        configuration: S3Configuration, catalog: any CatalogStore, blobs: any BlobStore, digests: BlockingPool,
        now: @escaping @Sendable () -> Int64, secret: @escaping Secret = { _, _ in nil },
        uploadStored: @escaping @Sendable () -> Void = {}, restores: SourceRestores = SourceRestores(),
        objectRead: @escaping @Sendable (StoredObject) -> Void = { _ in },
        report: @escaping @Sendable (S3Report) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.catalog = catalog
        self.blobs = blobs
        self.digests = digests
        self.now = now
        self.secret = secret
        self.uploadStored = uploadStored
        self.restores = restores
        self.objectRead = objectRead
        self.report = report
    }

    /// Answers one request; the route of the S3 listener.
    public func respond(to request: Request) async -> Response {
        if request.method == .options { return await preflight(request) }
        var response: Response
        do {
            response = try await answer(request)
        } catch {
            response = refusal(error as? S3Error ?? failure(error, request), request)
        }
        response.headers.set("x-amz-request-id", request.requestID)
        response.headers.set("Server", "Weir")
        response.headers.set("X-Content-Type-Options", "nosniff")
        await addCrossOriginFields(to: &response, request)
        return response
    }

    private func answer(_ request: Request) async throws -> Response {
        let target = try target(of: request)
        if case .bucket(let bucket) = target, PostForm.isOne(request) { return try await postObject(bucket, request) }
        let (access, payload) = try authenticate(request)
        guard let query = Query(request.query ?? "") else { throw S3Error.invalidURI }
        switch target {
        case .service:
            guard request.method == .get else { throw S3Error.methodNotAllowed }
            return try await bucketList(access)
        case .bucket(let bucket):
            guard access.may(request.method, in: bucket) else { throw S3Error.accessDenied }
            try refuse(S3Gateway.unknownSubresources.union(["partNumber", "uploadId", "restore"]), in: query)
            return try await answerBucket(bucket, request, query, payload, access)
        case .object(let bucket, let key):
            guard access.may(request.method, in: bucket) else { throw S3Error.accessDenied }
            guard try await exists(bucket) else { throw S3Error.noSuchBucket }
            try refuse(S3Gateway.unknownSubresources.union(S3Gateway.subresourcesOfBuckets), in: query)
            return try await answerObject(bucket, key, request, query, payload, access)
        }
    }

    private func answerObject(
        _ bucket: String, _ key: String, _ request: Request, _ query: Query, _ payload: SignedPayload,
        _ access: S3Access
    ) async throws -> Response {
        if query.contains("tagging") { return try await answerTagging(bucket, key, request, payload) }
        if query.contains("acl") { return try await answerAccessList(bucket, key, request) }
        let place = S3Place(bucket: bucket, key: key)
        if query.contains("restore") { return try await answerRestore(place, request, payload, access) }
        if let call = try MultipartCall(request.method, query) {
            return try await answer(call, place, request, query, payload, access)
        }
        switch request.method {
        case .get, .head:
            if let bytes = try await secret(bucket, key) { return try answer(secret: bytes, to: access) }
            return try await getObject(bucket, key, request, query)
        case .put where request.headers.contains("x-amz-copy-source"):
            return try await copyObject(to: place, request, access)
        case .put: return try await putObject(bucket, key, request, payload)
        case .delete: return try await deleteObject(bucket, key, request)
        default: throw S3Error.methodNotAllowed
        }
    }

    /// What the URL addresses, by its path and the host's name.
    func target(of request: Request) throws(S3Error) -> S3Target {
        try S3Target(
            path: request.path, bucket: configuration.hostNames.bucket(ofHost: request.headers.first("host")))
    }

    /// Whoever does not know the region asks for it, and signs that for the first one S3 had (minio-py).
    private func regions(for request: Request) -> [String] {
        let asksForRegion = request.method == .get && Query(request.query ?? "")?.contains("location") == true
        return asksForRegion ? [configuration.region, "us-east-1"] : [configuration.region]
    }

    /// What the signer may do, and what the signature says of the body.
    private func authenticate(_ request: Request) throws -> (S3Access, SignedPayload) {
        let signed = SigV4Request(
            method: request.method, path: request.path, query: request.query, headers: request.headers)
        do throws(SigV4Error) {
            let signature = try configuration.accessKeys.signature(
                of: signed, payload: .declared, regions: regions(for: request), service: "s3",
                nowEpochSeconds: now() / 1_000)
            let declared = try signature.authorization.payloadHash(signed, .declared)
            return (
                S3Access(signature, configuration), SignedPayload(declared: declared, chain: signature.chunkChain)
            )
        } catch {
            throw S3Error(error)
        }
    }

    private static let unknownSubresources: Set<String> = [
        "analytics", "attributes", "intelligent-tiering", "inventory", "legal-hold", "metrics", "retention",
        "select", "torrent", "versionId", "versions",
    ]
    private static let subresourcesOfBuckets = Set(BucketSubresource.allCases.map(\.rawValue))
        .subtracting(["acl", "tagging"])

    /// Answering a request for versions or an archive with the object itself would be worse than refusing it.
    private func refuse(_ subresources: Set<String>, in query: Query) throws(S3Error) {
        for item in query.items where subresources.contains(item.name) {
            throw .notImplemented("The subresource '\(item.name)'")
        }
    }

    private func failure(_ error: any Error, _ request: Request) -> S3Error {
        let refusal: S3Error =
            switch error {
            case let error as BlobStoreError where error.code == .full: .storageFull
            case let error as BlobStoreError where error.code == .exhausted: .slowDown
            case let error as DatabaseError where error.code == .diskFull: .storageFull
            case let error as DatabaseError where error.code == .busy: .slowDown
            case is BlockingPool.Overloaded: .slowDown
            case is RequestBodyError: .incompleteBody
            default: .internalError
            }
        if refusal.status.code >= 500 { report(.failed(requestId: request.requestID, reason: "\(error)")) }
        return refusal
    }

    private func refusal(_ error: S3Error, _ request: Request) -> Response {
        var document = XMLDocument()
        document.element("Error") { document in
            document.element("Code", error.code)
            document.element("Message", error.message)
            if let storageClass = error.storageClass { document.element("StorageClass", storageClass) }
            document.element("Resource", request.path)
            document.element("RequestId", request.requestID)
            document.element("HostId", "weir")
        }
        // The answer to HEAD has no body, and so no code but its status.
        var response = Response(status: error.status, contentType: "application/xml", bytes: document.bytes)
        if let size = error.objectSize { response.headers.set("Content-Range", "bytes */\(size)") }
        if error.status == 503 { response.headers.set("Retry-After", "1") }
        return response
    }
}
