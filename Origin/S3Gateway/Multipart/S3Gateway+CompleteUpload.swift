internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import S3Wire
internal import XML

extension S3Gateway {
    // 10,000 parts with the longest checksum and white space between them.
    private static let maximumCompletionBytes: Int64 = 4 << 20

    /// Makes an upload an object: rows only, in one transaction, with the event. Asked again, as by a client that did not get the
    /// answer, it answers the same.
    func completeUpload(
        _ id: String, _ place: S3Place, _ request: Request, _ payload: SignedPayload
    ) async throws -> Response {
        let wanted = try await completionRequest(request, payload)
        let promise = try CompletionPromise(request.headers)
        let (conditions, now) = (WriteConditions(request.headers), now())
        let isLasting = configuration.buckets.contains(place.bucket)
        let (completed, isAnnounced) = try await catalog.write { [self] transaction in
            if let before = try transaction.completedUpload(id: id) {
                guard before.bucket == place.bucket, before.key == place.key, before.request == wanted.fingerprint
                else { throw S3Error.noSuchUpload }
                return (before, false)
            }
            let upload = try transaction.upload(id, at: place)
            guard try isLasting || transaction.bucket(place.bucket) != nil else { throw S3Error.noSuchBucket }
            try conditions.check(transaction.object(bucket: place.bucket, key: place.key))
            let parts = try transaction.uploadParts(of: id, after: 0, limit: MultipartUpload.maximumParts)
            let completion = try UploadCompletion(upload, parts, as: wanted, now: now)
            try promise.check(completion.object)
            let completed = CompletedUpload(
                id: id, bucket: place.bucket, key: place.key, request: wanted.fingerprint,
                etag: completion.object.etag, checksums: completion.object.checksums, completedAt: now)
            try transaction.complete(with: completion.parts, as: completion.object, remembering: completed)
            if !upload.tags.isEmpty {
                try transaction.setTags(upload.tags, ofObjectWithBlob: completion.object.blob)
            }
            let announcement = announcement(of: completion.object, .completeMultipartUpload, request)
            if let announcement { try transaction.append(announcement) }
            return (completed, announcement != nil)
        }
        if isAnnounced { uploadStored() }
        return Response(
            status: .ok, contentType: "application/xml", bytes: document(of: completed, request).bytes)
    }

    /// `x-amz-checksum-*` of this call are of the object and not of the document.
    private func completionRequest(_ request: Request, _ payload: SignedPayload) async throws -> CompletionRequest {
        var request = request
        for algorithm in ChecksumAlgorithm.allCases { request.headers.remove(algorithm.header) }
        request.headers.remove("x-amz-sdk-checksum-algorithm")
        var body = try IncomingBody(request, payload: payload, maximumBytes: S3Gateway.maximumCompletionBytes)
        let bytes = try await body.collect()
        do throws(CompletionRequest.Failure) {
            return try CompletionRequest(bytes, maximumParts: MultipartUpload.maximumParts)
        } catch {
            throw S3Error(error)
        }
    }

    private func document(of completed: CompletedUpload, _ request: Request) -> XMLDocument {
        let scheme = request.isTLS ? "https" : "http"
        var document = XMLDocument()
        document.element("CompleteMultipartUploadResult", namespace: S3Gateway.namespace) { document in
            document.element("Location", "\(scheme)://\(request.headers.first("host") ?? "")\(request.path)")
            document.element("Bucket", completed.bucket)
            document.element("Key", completed.key)
            document.element("ETag", "\"\(completed.etag)\"")
            document.checksums(completed.checksums)
        }
        return document
    }
}

/// What a client says of the object before it is made; it must turn out so.
struct CompletionPromise: Sendable {
    private let size: Int64?
    private let checksums: [String: String]

    init(_ headers: Headers) throws(S3Error) {
        if let text = headers.first("x-amz-mp-object-size") {
            guard let value = ASCII.parseDecimal(text), let size = Int64(exactly: value) else {
                throw .invalidArgument("x-amz-mp-object-size must be a number of bytes.")
            }
            self.size = size
        } else {
            size = nil
        }
        var checksums: [String: String] = [:]
        for algorithm in ChecksumAlgorithm.allCases {
            checksums[algorithm.rawValue] = headers.first(algorithm.header)
        }
        self.checksums = checksums
    }

    func check(_ object: StoredObject) throws(S3Error) {
        guard size == nil || size == object.size else {
            throw .invalidRequest("The object has \(object.size) bytes and not as many as x-amz-mp-object-size says.")
        }
        for (name, value) in checksums {
            guard let known = object.checksums[name] else {
                throw .invalidRequest("The upload was not created with the \(name) checksum algorithm.")
            }
            // A composite one may come without the number of parts.
            guard known == value || known.hasPrefix("\(value)-") else { throw .badDigest }
        }
    }
}

extension CompletionRequest {
    /// What tells this request from another one for the same upload.
    fileprivate var fingerprint: String {
        let text = parts.map { "\($0.number) \($0.etag)\n" }.joined()
        return Hex.encode(Digest.sha256(Array(text.utf8)))
    }
}

extension ChecksumAlgorithm {
    /// Its name in S3's documents, such as `ChecksumCRC32`.
    var element: String { "Checksum\(rawValue.uppercased())" }
}

extension XMLDocument {
    /// The checksums of an object or of a part.
    mutating func checksums(_ checksums: [String: String]) {
        for algorithm in ChecksumAlgorithm.allCases {
            guard let value = checksums[algorithm.rawValue] else { continue }
            element(algorithm.element, value)
            element("ChecksumType", MultipartUpload.ChecksumType(of: value).rawValue)
        }
    }
}

extension MultipartUpload.ChecksumType {
    /// What a stored checksum is made of: base64 has no "-".
    init(of value: String) { self = value.utf8.contains(UInt8(ascii: "-")) ? .composite : .fullObject }
}
