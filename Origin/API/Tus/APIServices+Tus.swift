internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import Jobs
internal import Tus
internal import TusWire

extension APIServices {
    /// `OPTIONS /tus`: what is spoken here.
    func describeTus() -> Response {
        var response = Response(status: .noContent)
        response.headers.set("Tus-Version", TusProtocol.version)
        response.headers.set("Tus-Extension", TusProtocol.extensions.joined(separator: ","))
        response.headers.set("Tus-Max-Size", "\(tus.place.maximumBytes)")
        let algorithms = UploadChecksum.Algorithm.allCases.map(\.rawValue)
        response.headers.set("Tus-Checksum-Algorithm", algorithms.joined(separator: ","))
        return response
    }

    /// `POST /tus`: a new video whose file comes in as many requests as it takes, a part of one, or one made of such parts.
    func createTusUpload(_ request: Request, by caller: Caller) async throws -> Response {
        try TusProtocol.check(request)
        let fields = TusFields(request)
        let (text, metadata) = try fields.metadata()
        let concatenation = try fields.concatenation()
        let bringsBytes = try fields.bringsBytes()
        var status: TusStatus
        if case .final(let partials) = concatenation {
            guard !fields.saysLength, !bringsBytes else {
                throw Problem.invalidField("Upload-Concat", "final says the length, and the bytes are there.")
            }
            let video = try newVideo(metadata, size: 0, by: caller)
            status = try await tus.join(partials, as: video, of: caller.id, metadata: text)
        } else {
            let length = try fields.lengthOrLater()
            let delivery = try bringsBytes ? fields.delivery(at: 0) : nil
            let video = try concatenation == nil ? newVideo(metadata, size: length ?? 0, by: caller) : nil
            status = try await tus.begin(video, of: caller.id, length: length, metadata: text)
            if let delivery { status = try await bring(request.body, delivery, to: status.upload.id, by: caller) }
        }
        var response = Response(status: .created)
        response.headers.set("Location", TusProtocol.folder + status.upload.id)
        if let videoId = status.upload.videoId { response.headers.set("Weir-Video-Id", videoId) }
        response.describe(status)
        return response
    }

    /// `HEAD /tus/{uploadId}`: how many bytes are there.
    func getTusUpload(_ request: Request, by caller: Caller) async throws -> Response {
        try TusProtocol.check(request)
        let status = try await tus.status(of: request[parameter: "uploadId"], ownerId: caller.id)
        let upload = status.upload
        var response = Response(status: .ok)
        response.headers.set("Cache-Control", "no-store")
        response.describe(status)
        if let length = upload.length {
            response.headers.set("Upload-Length", "\(length)")
        } else {
            response.headers.set("Upload-Defer-Length", "1")
        }
        if !upload.metadata.isEmpty { response.headers.set("Upload-Metadata", upload.metadata) }
        if let concatenation = upload.concatenation {
            response.headers.set("Upload-Concat", concatenation.text(in: TusProtocol.folder))
        }
        if let videoId = upload.videoId { response.headers.set("Weir-Video-Id", videoId) }
        return response
    }

    /// `PATCH /tus/{uploadId}`: the next bytes.
    func appendToTusUpload(_ request: Request, by caller: Caller) async throws -> Response {
        try TusProtocol.check(request)
        let fields = TusFields(request)
        guard try fields.bringsBytes() else { throw Problem.notTusBytes }
        var delivery = try fields.delivery()
        delivery.length = try fields.length()
        let status = try await tus.append(
            request.body, delivery, to: request[parameter: "uploadId"], ownerId: caller.id)
        var response = Response(status: .noContent)
        response.describe(status)
        return response
    }

    /// `DELETE /tus/{uploadId}`: the upload, its bytes and the video that waits for it.
    func endTusUpload(_ request: Request, by caller: Caller) async throws -> Response {
        try TusProtocol.check(request)
        let videoId = try await tus.end(request[parameter: "uploadId"], ownerId: caller.id)
        if let videoId { changes.changed(videoId) }
        return Response(status: .noContent)
    }

    /// The bytes that came with the making of an upload; when they cannot be taken there is no upload either, since nobody was told
    /// where it is.
    private func bring(
        _ body: RequestBody, _ delivery: TusDelivery, to id: String, by caller: Caller
    ) async throws -> TusStatus {
        do {
            return try await tus.append(body, delivery, to: id, ownerId: caller.id)
        } catch {
            _ = try? await tus.end(id, ownerId: caller.id)
            throw error
        }
    }

    /// What a client that says nothing of its file has sent is called `upload`, and the probe finds out what it is.
    private func newVideo(_ metadata: UploadMetadata, size: Int64, by caller: Caller) throws(Problem) -> Video {
        let input = try metadata.input()
        do {
            return try newVideo(
                input, fileName: try input.text("fileName", limit: 255) ?? "upload",
                contentType: try input.mediaType("contentType") ?? "application/octet-stream", size: size, by: caller)
        } catch {
            throw .invalidField("Upload-Metadata:", error.detail)
        }
    }
}

extension TusUpload {
    /// What it has to do with others; nil for an upload that stands alone.
    fileprivate var concatenation: UploadConcatenation? {
        if videoId == nil { return .partial }
        return partials.isEmpty ? nil : .final(partials)
    }
}

extension Response {
    /// Says how far an upload is.
    fileprivate mutating func describe(_ status: TusStatus) {
        headers.set("Upload-Offset", "\(status.offset)")
        if let expiresAt = status.expiresAt { headers.set("Upload-Expires", HTTPDate.format(expiresAt / 1_000)) }
    }
}
