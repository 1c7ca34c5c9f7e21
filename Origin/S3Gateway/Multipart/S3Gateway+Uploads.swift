internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import XML

extension S3Gateway {
    /// Answers a call about an upload in parts; whoever signed it may read or write the bucket, as its method needs.
    func answer(
        _ call: MultipartCall, _ place: S3Place, _ request: Request, _ query: Query, _ payload: SignedPayload,
        _ access: S3Access
    ) async throws -> Response {
        switch call {
        case .create: try await createUpload(place, request)
        case .putPart(let number, let id):
            if request.headers.contains("x-amz-copy-source") {
                try await copyPart(number, of: id, place, request, access)
            } else {
                try await putPart(number, of: id, place, request, payload)
            }
        case .listParts(let id): try await listParts(of: id, place, query)
        case .complete(let id): try await completeUpload(id, place, request, payload)
        case .abort(let id): try await abortUpload(id, place)
        }
    }

    private func createUpload(_ place: S3Place, _ request: Request) async throws -> Response {
        let upload = MultipartUpload(
            id: SecureRandom.hex(16), object: try describe(place.bucket, place.key, request.headers),
            tags: try ObjectTags(request.headers).values, checksum: try MultipartUpload.Checksum(request.headers))
        try await catalog.write { try $0.insert(upload) }
        var document = XMLDocument()
        document.element("InitiateMultipartUploadResult", namespace: S3Gateway.namespace) { document in
            document.element("Bucket", place.bucket)
            document.element("Key", place.key)
            document.element("UploadId", upload.id)
        }
        var response = Response(status: .ok, contentType: "application/xml", bytes: document.bytes)
        if let checksum = upload.checksum {
            response.headers.set("x-amz-checksum-algorithm", checksum.algorithm.uppercased())
            response.headers.set("x-amz-checksum-type", checksum.type.rawValue)
        }
        return response
    }

    private func abortUpload(_ id: String, _ place: S3Place) async throws -> Response {
        try await catalog.write { transaction in
            _ = try transaction.upload(id, at: place)
            _ = try transaction.deleteUpload(id: id)
        }
        return Response(status: .noContent)
    }

    private func listParts(of id: String, _ place: S3Place, _ query: Query) async throws -> Response {
        let (after, limit) = (try query.number("part-number-marker") ?? 0, try query.pageLimit("max-parts"))
        let (upload, parts) = try await catalog.read { reader in
            (try reader.upload(id, at: place), try reader.uploadParts(of: id, after: after, limit: limit + 1))
        }
        let page = PartPage(upload: upload, parts: parts, after: after, limit: limit)
        return Response(status: .ok, contentType: "application/xml", bytes: page.document.bytes)
    }

    func listUploads(_ bucket: String, _ query: Query) async throws -> Response {
        let wanted = try UploadPageRequest(query)
        let page = try await catalog.read { try UploadPage(bucket, wanted, $0) }
        return Response(page.document(bucket))
    }
}

extension MultipartUploadReader {
    /// The upload to a place; throws `NoSuchUpload` when there is none, or one to another place.
    func upload(_ id: String, at place: S3Place) throws -> MultipartUpload {
        guard let upload = try upload(id: id), upload.object.bucket == place.bucket, upload.object.key == place.key
        else { throw S3Error.noSuchUpload }
        return upload
    }
}
