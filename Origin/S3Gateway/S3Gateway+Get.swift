internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects

extension S3Gateway {
    private static let overrides = [
        "response-content-type": "Content-Type", "response-cache-control": "Cache-Control",
        "response-content-disposition": "Content-Disposition", "response-content-encoding": "Content-Encoding",
        "response-content-language": "Content-Language", "response-expires": "Expires",
    ]

    /// Answers GET and HEAD with preconditions and one range.
    func getObject(_ bucket: String, _ key: String, _ request: Request, _ query: Query) async throws -> Response {
        // The object may be replaced, and its blob reclaimed, between the look-up and the opening; then look again.
        for _ in 0..<3 {
            let found = try await catalog.read { reader in
                try reader.object(bucket: bucket, key: key).map { object in
                    (
                        object, tags: try reader.tags(ofObjectWithBlob: object.blob).count,
                        archived: try reader.archivedSource(blob: object.blob)
                    )
                }
            }
            guard let (object, tags, archived) = found else { throw S3Error.noSuchKey }
            do {
                var response = try await answer(object, archived, request, query)
                if tags > 0 { response.headers.set("x-amz-tagging-count", "\(tags)") }
                return response
            } catch let error as BlobStoreError where error.code == .missing {
                continue
            }
        }
        throw BlobStoreError(.missing, "the bytes of an object in \(bucket) are gone")
    }

    /// Answers with a secret, which nobody may keep.
    func answer(secret: [UInt8], to access: S3Access) throws(S3Error) -> Response {
        guard access.mayReadSecrets else { throw .accessDenied }
        var response = Response(status: .ok, contentType: "application/octet-stream", bytes: secret)
        response.headers.set("Cache-Control", "private, no-store")
        return response
    }

    private func answer(
        _ object: StoredObject, _ archived: ArchivedSource?, _ request: Request, _ query: Query
    ) async throws -> Response {
        var response = Response(status: .ok)
        describe(object, in: &response.headers)
        archived?.describe(in: &response.headers)
        switch try ReadConditions(request.headers).evaluate(etag: object.etag, modified: object.createdAt / 1_000) {
        case .notModified:
            response.status = .notModified
            response.headers.remove("Content-Type")
            return response
        case .proceed: break
        }
        if request.method == .get, archived?.isReadable == false { throw S3Error.invalidObjectState }
        for (parameter, field) in S3Gateway.overrides {
            guard let value = query.first(parameter) else { continue }
            guard response.headers.set(field, value) else {
                throw S3Error.invalidArgument("\(parameter) holds a control character.")
            }
        }
        response.neutraliseActiveContent()
        let size = Int(object.size)
        var range = ByteRange(start: 0, count: size)
        // A HEAD with a Range is answered as S3 does, with the range's status and length.
        if let number = query.first("partNumber") {
            range = try await part(number, of: object, asked: request.headers, describing: &response)
        } else if let field = request.headers.first("range"), ReadConditions.rangeApplies(request.headers, object) {
            switch ByteRangeRequest.resolve(field, length: size) {
            case .whole, .several: break
            case .unsatisfiable:
                throw S3Error.invalidRange(objectSize: size)
            case .single(let single):
                range = single
                response.describe(single, of: size)
            }
        }
        // A checksum is of the whole object, so a part must not carry it.
        if response.status == .ok, request.headers.first("x-amz-checksum-mode") == "ENABLED" {
            setChecksums(of: object, in: &response.headers)
        }
        guard request.method == .get, range.count > 0 else {
            response.body = .stream(length: range.count) { _ in }
            return response
        }
        let bytes = try await ObjectBytes(of: object, in: blobs, catalog)
        objectRead(object)
        response.body = .stream(length: range.count) { [range] writer in
            try await bytes.read(Int64(range.start)..<Int64(range.end)) { try await writer.write($0) }
        }
        return response
    }

    /// Tells the checksums that the uploader sent.
    func setChecksums(of object: StoredObject, in headers: inout Headers) {
        for (name, value) in object.checksums {
            headers.set("x-amz-checksum-\(name)", value)
            headers.set("x-amz-checksum-type", MultipartUpload.ChecksumType(of: value).rawValue)
        }
    }

    private func describe(_ object: StoredObject, in headers: inout Headers) {
        headers.set("Content-Type", object.contentType)
        headers.set("ETag", "\"\(object.etag)\"")
        headers.set("Last-Modified", HTTPDate.format(object.createdAt / 1_000))
        headers.set("Accept-Ranges", "bytes")
        for (name, value) in object.headers { headers.set(name, value) }
        for (name, value) in object.metadata { headers.set("x-amz-meta-\(name)", value) }
    }
}

/// The preconditions of a GET or HEAD, in the order of RFC 9110 §13.2.2.
struct ReadConditions {
    enum Verdict: Equatable {
        case proceed
        case notModified
    }

    private let headers: Headers

    init(_ headers: Headers) { self.headers = headers }

    /// Throws `PreconditionFailed`; `modified` is in epoch seconds.
    func evaluate(etag: String, modified: Int64) throws(S3Error) -> Verdict {
        let tag = EntityTag(etag)
        if let match = headers.joined("if-match") {
            guard match == "*" || tag?.isListed(in: match, strongly: true) == true else { throw .preconditionFailed }
        } else if let date = headers.first("if-unmodified-since").flatMap({ HTTPDate.parse($0) }), modified > date {
            throw .preconditionFailed
        }
        if let noneMatch = headers.joined("if-none-match") {
            if noneMatch == "*" || tag?.isListed(in: noneMatch, strongly: false) == true { return .notModified }
        } else if let date = headers.first("if-modified-since").flatMap({ HTTPDate.parse($0) }), modified <= date {
            return .notModified
        }
        return .proceed
    }

    /// `If-Range` (RFC 9110 §13.1.5): the range counts only for the representation the client has.
    static func rangeApplies(_ headers: Headers, _ object: StoredObject) -> Bool {
        guard let condition = headers.first("if-range") else { return true }
        if let tag = EntityTag(fieldValue: condition) {
            return EntityTag(object.etag).map { tag.matchesStrongly($0) } ?? false
        }
        return HTTPDate.parse(condition) == object.createdAt / 1_000
    }
}
