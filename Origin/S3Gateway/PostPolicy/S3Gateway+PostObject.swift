internal import Bytes
internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import ObjectStore
internal import Objects
internal import S3Wire

extension S3Gateway {
    /// `POST /bucket` with a browser's form: the policy is checked as soon as its fields are there, before a byte of the file is
    /// kept.
    func postObject(_ bucket: String, _ request: Request) async throws -> Response {
        guard try await exists(bucket) else { throw S3Error.noSuchBucket }
        guard let parser = request.headers.first("content-type").flatMap({ MultipartFormParser(contentType: $0) })
        else { throw S3Error.malformedForm }
        var upload = FormUpload(bucket: bucket, parser: parser)
        do {
            for try await piece in request.body { try await take(piece, of: &upload) }
            guard upload.isWhole, let form = upload.form, let object = try await upload.finish() else {
                throw S3Error.malformedForm
            }
            try await publish(object, form.tags, as: .post, request, signer: form.signer)
            return form.answer.response(object, location: address(of: object, request))
        } catch {
            await upload.discard()
            throw error
        }
    }

    private func take(_ piece: [UInt8], of upload: inout FormUpload) async throws {
        for event in try upload.parse(piece) {
            switch event {
            case .field(let name, let value): upload.fields[name] = value
            case .file(let name, let contentType):
                let form = try PostForm(
                    upload.fields, file: name, contentType: contentType, to: upload.bucket, configuration, now: now())
                let described = try describe(upload.bucket, form.key, form.headers)
                try await upload.begin(form, described, in: blobs, maximumBytes: configuration.maximumObjectBytes)
            case .data(let bytes): try await upload.append(Array(bytes), digests)
            case .fileEnd: break
            }
        }
    }

    private func address(of object: StoredObject, _ request: Request) -> String {
        let scheme = request.isTLS ? "https" : "http"
        let path = PercentEncoding.encode("\(object.bucket)/\(object.key)", allowed: .path)
        let host = request.headers.first("host") ?? ""
        let isInHost = configuration.hostNames.bucket(ofHost: host) != nil
        let own = isInHost ? PercentEncoding.encode(object.key, allowed: .path) : path
        return "\(scheme)://\(host)/\(own)"
    }
}

/// One form on its way: fields first, then the file into a blob that nobody sees.
///
/// One task at a time uses it.
private struct FormUpload {
    let bucket: String
    var fields: [String: String] = [:]
    private(set) var form: PostForm?
    private var parser: MultipartFormParser
    private var draft: ObjectDraft?
    private var checks: BodyChecks?
    private var size: Int64 = 0
    private var maximumBytes: Int64 = 0

    init(bucket: String, parser: MultipartFormParser) {
        self.bucket = bucket
        self.parser = parser
    }

    var isWhole: Bool { parser.isFinished }

    mutating func parse(_ piece: [UInt8]) throws(S3Error) -> [MultipartFormParser.Event] {
        do throws(MultipartFormParser.Failure) {
            return try parser.parse(piece)
        } catch {
            throw error == .tooLarge ? .fieldsTooLarge : .malformedForm
        }
    }

    mutating func begin(
        _ form: PostForm, _ described: StoredObject, in blobs: any BlobStore, maximumBytes: Int64
    ) async throws {
        checks = try BodyChecks(headers: form.headers, payloadHash: nil, trailer: nil)
        self.form = form
        self.maximumBytes = min(maximumBytes, form.fileBytes.upperBound)
        draft = try await ObjectDraft(described, expectedSize: nil, in: blobs)
    }

    mutating func append(_ bytes: [UInt8], _ digests: BlockingPool) async throws {
        size += Int64(bytes.count)
        guard size <= maximumBytes else { throw S3Error.entityTooLarge }
        guard let checks, let draft else { return }
        await checks.update(bytes, on: digests)
        try await draft.append(bytes)
    }

    /// The object, durable and visible to nobody; nil when no file came.
    mutating func finish() async throws -> StoredObject? {
        guard let form, let draft, let checks else { return nil }
        guard size >= form.fileBytes.lowerBound else { throw S3Error.entityTooSmall }
        let (etag, checksums) = try await checks.finish(trailers: [])
        let object = try await draft.finish(size: size, etag: etag, checksums: checksums)
        self.draft = nil
        return object
    }

    func discard() async { await draft?.discard() }
}
