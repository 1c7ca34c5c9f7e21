internal import AccessSigning
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects

extension S3Gateway {
    private static let storedHeaders = ["cache-control", "content-disposition", "content-language", "expires"]
    private static let maximumMetadataBytes = 2_048
    private static let trailerPayload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    /// Streams the body into a blob, checks it, makes it durable, and only then makes it visible.
    func putObject(_ bucket: String, _ key: String, _ request: Request, _ payload: String) async throws -> Response {
        let headers = request.headers
        guard !headers.contains("x-amz-copy-source") else { throw S3Error.notImplemented("Copying an object") }
        let isChunked = try isChunkedUpload(payload, headers)
        let trailer = try isChunked ? announcedTrailer(headers) : nil
        let size = try declaredSize(request, isChunked: isChunked)
        let isHash = !isChunked && payload != SigV4.unsignedPayload
        var checks = try BodyChecks(headers: headers, payloadHash: isHash ? payload : nil, trailer: trailer)
        let described = try describe(bucket, key, headers)
        try await checkWritePreconditions(bucket, key, headers)

        let draft = try await ObjectDraft(described, expectedSize: size, in: blobs)
        let object: StoredObject
        do {
            var decoder = isChunked ? AWSChunkedDecoder() : nil
            var received: Int64 = 0
            for try await piece in request.body {
                let bytes = try decoder?.decode(piece) ?? piece
                received += Int64(bytes.count)
                guard received <= size else { throw S3Error.incompleteBody }
                checks.update(bytes)
                try await draft.append(bytes)
            }
            guard received == size, decoder?.isFinished ?? true else { throw S3Error.incompleteBody }
            let (etag, checksums) = try checks.finish(trailers: decoder?.trailers ?? [])
            object = try await draft.finish(size: size, etag: etag, checksums: checksums)
        } catch {
            await draft.discard()
            throw error
        }
        try await publish(object, request)
        var response = Response(status: .ok)
        response.headers.set("ETag", "\"\(object.etag)\"")
        for (name, value) in object.checksums { response.headers.set("x-amz-checksum-\(name)", value) }
        return response
    }

    /// Removes the object; removing one that is not there succeeds as well.
    func deleteObject(_ bucket: String, _ key: String) async throws -> Response {
        _ = try await catalog.write { try $0.deleteObject(bucket: bucket, key: key) }
        return Response(status: .noContent)
    }

    private func publish(_ object: StoredObject, _ request: Request) async throws {
        let isUpload = object.bucket == configuration.uploadBucket
        let (conditions, requestId) = (WriteConditions(request.headers), request.requestID)
        try await catalog.publish([object], in: blobs) { transaction in
            // Checked before the body as well; only here does it hold against another writer.
            try conditions.check(transaction.object(bucket: object.bucket, key: object.key))
            guard isUpload else { return }
            try transaction.append(
                ObjectEvent(
                    name: "ObjectCreated:Put", bucket: object.bucket, key: object.key, size: object.size,
                    etag: object.etag, requestId: requestId, createdAt: object.createdAt))
        }
        if isUpload { uploadStored() }
    }

    private func isChunkedUpload(_ payload: String, _ headers: Headers) throws(S3Error) -> Bool {
        if payload == S3Gateway.trailerPayload { return true }
        guard !payload.hasPrefix("STREAMING-") else {
            throw .notImplemented("A body of signed chunks; send UNSIGNED-PAYLOAD or its SHA-256, which")
        }
        let encodings = (headers.joined("content-encoding") ?? "").split(separator: ",").map { ASCII.trimmed($0) }
        guard !encodings.contains(where: { ASCII.equalsIgnoringCase($0, "aws-chunked") }) else {
            throw .invalidRequest(
                "Content-Encoding: aws-chunked needs x-amz-content-sha256: \(S3Gateway.trailerPayload).")
        }
        return false
    }

    private func announcedTrailer(_ headers: Headers) throws(S3Error) -> ChecksumAlgorithm? {
        guard let name = headers.first("x-amz-trailer") else {
            throw .invalidRequest("x-amz-trailer must name the checksum that follows the body.")
        }
        guard let algorithm = try ChecksumAlgorithm.named(ASCII.trimmed(name)) else {
            throw .invalidRequest("x-amz-trailer must name an x-amz-checksum- field.")
        }
        return algorithm
    }

    private func declaredSize(_ request: Request, isChunked: Bool) throws(S3Error) -> Int64 {
        let size: Int64
        if isChunked {
            guard let text = request.headers.first("x-amz-decoded-content-length"),
                let value = ASCII.parseDecimal(text), value <= UInt64(Int64.max)
            else { throw .missingContentLength }
            size = Int64(value)
        } else {
            guard let length = request.body.length else { throw .missingContentLength }
            size = Int64(length)
        }
        guard size <= configuration.maximumObjectBytes else { throw .entityTooLarge }
        return size
    }

    private func checkWritePreconditions(_ bucket: String, _ key: String, _ headers: Headers) async throws {
        let conditions = WriteConditions(headers)
        guard conditions.isConditional else { return }
        try conditions.check(try await catalog.read { try $0.object(bucket: bucket, key: key) })
    }

    /// The object as the head describes it, without what only the body tells.
    private func describe(_ bucket: String, _ key: String, _ headers: Headers) throws(S3Error) -> StoredObject {
        var object = StoredObject(
            bucket: bucket, key: key, blob: "", size: 0, etag: "",
            contentType: headers.first("content-type") ?? "binary/octet-stream", createdAt: now())
        for name in S3Gateway.storedHeaders { object.headers[name] = headers.first(name) }
        let encodings = (headers.joined("content-encoding") ?? "").split(separator: ",")
            .map { ASCII.trimmed($0) }
            .filter { !$0.isEmpty && !ASCII.equalsIgnoringCase($0, "aws-chunked") }
        if !encodings.isEmpty { object.headers["content-encoding"] = encodings.joined(separator: ", ") }
        var metadataBytes = 0
        for field in headers {
            let name = ASCII.lowercased(field.name)
            guard name.hasPrefix("x-amz-meta-") else { continue }
            let short = String(name.dropFirst("x-amz-meta-".count))
            metadataBytes += short.utf8.count + field.value.utf8.count
            object.metadata[short] = object.metadata[short].map { "\($0),\(field.value)" } ?? field.value
        }
        guard metadataBytes <= S3Gateway.maximumMetadataBytes else {
            throw S3Error(
                "MetadataTooLarge", 400, "Your metadata headers exceed \(S3Gateway.maximumMetadataBytes) bytes.")
        }
        return object
    }
}

/// `If-None-Match: *` and `If-Match` of a PUT: write only what is not there, or only over what the client knows.
struct WriteConditions: Sendable {
    private let noneMatch: String?
    private let match: String?

    init(_ headers: Headers) {
        noneMatch = headers.joined("if-none-match")
        match = headers.joined("if-match")
    }

    var isConditional: Bool { noneMatch != nil || match != nil }

    func check(_ existing: StoredObject?) throws(S3Error) {
        if let noneMatch {
            guard noneMatch == "*" else { throw .notImplemented("If-None-Match other than '*' on a PUT") }
            guard existing == nil else { throw .preconditionFailed }
        }
        if let match {
            guard let existing else { throw .noSuchKey }
            guard match == "*" || EntityTag(existing.etag)?.isListed(in: match, strongly: true) == true else {
                throw .preconditionFailed
            }
        }
    }
}
