internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects
internal import XML

extension S3Gateway {
    /// Makes an object of the bytes of another one, which it shares: no byte is read, however many they are.
    func copyObject(to target: S3Place, _ request: Request, _ access: S3Access) async throws -> Response {
        let source = try await copySource(request, access)
        let directive = try CopyDirective(request.headers, "x-amz-metadata-directive")
        let ofTags = try CopyDirective(request.headers, "x-amz-tagging-directive")
        let newTags = try ObjectTags(request.headers).values
        guard source.place != target || directive == .replace else {
            throw S3Error.invalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata."
            )
        }
        let told = try describe(target.bucket, target.key, request.headers)
        try await checkWritePreconditions(target.bucket, target.key, request.headers)
        let (copy, tags) = try await reading(source) { [self] original in
            var described = told
            if directive == .copy {
                described.contentType = original.contentType
                described.headers = original.headers
                described.metadata = original.metadata
            }
            let tags = try await catalog.read { try $0.tags(ofObjectWithBlob: original.blob) }
            let copy = try await ObjectCopy(of: original, as: described, in: blobs, catalog)
            return (copy, ofTags == .copy ? tags : newTags)
        }
        try await publish(copy, tags, request)
        return answer(copyOf: copy.object, at: copy.object.createdAt, "CopyObjectResult")
    }

    /// Stores bytes of another object as a part. They are read: the part's MD5 is theirs alone.
    func copyPart(
        _ number: Int, of id: String, _ place: S3Place, _ request: Request, _ access: S3Access
    ) async throws -> Response {
        let source = try await copySource(request, access)
        let upload = try await catalog.read { try $0.upload(id, at: place) }
        let range = request.headers.first("x-amz-copy-source-range")
        let stored = try await reading(source) { [self] original in
            let bytes = try Self.range(range, of: original)
            guard Int64(bytes.count) <= maximumPartBytes(of: upload) else { throw S3Error.entityTooLarge }
            return try await copy(bytes, of: original, for: upload)
        }
        try await save(stored, as: number, of: id, place)
        return answer(copyOf: stored, at: now(), "CopyPartResult")
    }

    private func copySource(_ request: Request, _ access: S3Access) async throws -> CopySource {
        let source = try CopySource(request.headers)
        guard access.mayRead(source.place.bucket) else { throw S3Error.accessDenied }
        guard try await exists(source.place.bucket) else { throw S3Error.noSuchBucket }
        return source
    }

    /// The source may be replaced, and its blobs reclaimed, between the look-up and the reading; then it is looked up again.
    private func reading<R>(
        _ source: CopySource, _ body: (StoredObject) async throws -> R
    ) async throws -> R {
        for _ in 0..<3 {
            let original = try await catalog.read { try source.object(in: $0) }
            objectRead(original)
            do {
                return try await body(original)
            } catch let error as BlobStoreError where error.code == .missing {
                continue
            }
        }
        throw BlobStoreError(.missing, "the bytes of an object in \(source.place.bucket) are gone")
    }

    private func copy(
        _ range: ByteRange, of original: StoredObject, for upload: MultipartUpload
    ) async throws -> StoredObject {
        let bytes = try await ObjectBytes(of: original, in: blobs, catalog)
        let draft = try await ObjectDraft(upload.object, expectedSize: Int64(range.count), in: blobs)
        do {
            let checks = try BodyChecks(
                headers: Headers(), payloadHash: nil, trailer: nil, computing: upload.checksumAlgorithm)
            try await bytes.read(Int64(range.start)..<Int64(range.end)) { piece in
                await checks.update(piece, on: digests)
                try await draft.append(piece)
            }
            let (etag, checksums) = try await checks.finish(trailers: [])
            return try await draft.finish(size: Int64(range.count), etag: etag, checksums: checksums)
        } catch {
            await draft.discard()
            throw error
        }
    }

    /// `bytes=first-last`, both of them there and inside the object, as S3 asks for it; the whole object without the field.
    private static func range(_ field: String?, of object: StoredObject) throws(S3Error) -> ByteRange {
        let whole = ByteRange(start: 0, count: Int(object.size))
        guard let field else { return whole }
        let ends = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
            .map { ASCII.parseDecimal($0).flatMap { Int(exactly: $0) } }
        guard field.hasPrefix("bytes="), ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
            throw .invalidArgument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
            )
        }
        guard last < whole.count else {
            throw .invalidArgument("Range specified is not valid for source object of size: \(object.size)")
        }
        return ByteRange(start: first, count: last - first + 1)
    }

    private func answer(copyOf object: StoredObject, at time: Int64, _ name: String) -> Response {
        var document = XMLDocument()
        document.element(name, namespace: S3Gateway.namespace) { document in
            document.element("LastModified", ISO8601.extended(milliseconds: time))
            document.element("ETag", "\"\(object.etag)\"")
            document.checksums(object.checksums)
        }
        return Response(status: .ok, contentType: "application/xml", bytes: document.bytes)
    }
}

/// What of the source goes with the bytes.
enum CopyDirective: Sendable {
    /// Content type, header fields and metadata, or tags, are the source's.
    case copy
    /// They are those of the request.
    case replace

    init(_ headers: Headers, _ field: String) throws(S3Error) {
        switch headers.first(field) {
        case nil, "COPY": self = .copy
        case "REPLACE": self = .replace
        default: throw .invalidArgument("\(field) must be COPY or REPLACE.")
        }
    }
}
