internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs

/// A video as one caller sees it, and the strong entity tag of these very bytes.
///
/// The tag is the video's edition and a digest of the bytes. A reader is told of every change, be it one more view; somebody
/// who edits is held up by other edits alone, for views and the progress of a worker contradict no new title.
struct VideoVersion {
    let bytes: [UInt8]
    let entityTag: EntityTag

    init(_ object: JSONObject, edition: Int64) throws {
        bytes = object.serialized()
        guard let tag = EntityTag("\(edition)-\(Hex.encode(Digest.sha256(bytes).prefix(12)))") else {
            throw Problem.internalError
        }
        entityTag = tag
    }

    /// The answer to `request`: everything, or that the caller has it already.
    func response(to request: Request) -> Response {
        if let known = request.headers.joined("if-none-match"), entityTag.isListed(in: known, strongly: false) {
            return labelled(Response(status: .notModified))
        }
        return response
    }

    /// Everything.
    var response: Response { labelled(Response(status: .ok, contentType: "application/json", bytes: bytes)) }

    private func labelled(_ response: Response) -> Response {
        var response = response
        response.headers.set("ETag", entityTag.fieldValue)
        // It may be kept by whoever asked, and asked for again each time.
        response.headers.set("Cache-Control", "private, no-cache")
        response.headers.set("Vary", "Authorization")
        return response
    }
}

/// `If-Match` of a change: which editions it may be made to.
struct EditCondition: Sendable {
    private let tags: String?

    init(_ request: Request) { tags = request.headers.joined("if-match") }

    /// Whether the change may be made to this edition; always, for a caller who names none.
    func admits(edition: Int64) -> Bool {
        guard var tags, tags != "*" else { return true }
        var isNamed = false
        tags.withUTF8 { bytes in
            HTTPToken.forEachElement(of: UnsafeRawBufferPointer(bytes)) { element in
                guard let tag = EntityTag(fieldValue: element), !tag.isWeak else { return true }
                isNamed = tag.opaque.hasPrefix("\(edition)-")
                return !isNamed
            }
        }
        return isNamed
    }
}

extension APIServices {
    /// `GET /videos/{videoId}`
    func getVideo(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        return try await version(of: video, for: caller, request).response(to: request)
    }

    /// `PATCH /videos/{videoId}`: title, description, visibility.
    func editVideo(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        let input = APIInput(request)
        let title = try input["title"] == nil ? nil : input.requiredText("title", limit: 200)
        let description = try input.text("description", limit: 5_000, isMultiline: true)
        let visibility: Visibility? = try input.choice("visibility")
        let edited = try await edit(video, by: caller, request) { video, _ in
            if let title { video.title = ASCII.trimmed(title) }
            if let description { video.description = description }
            if let visibility { video.visibility = visibility }
        }
        return try await version(of: edited, for: caller, request).response
    }

    /// Changes a video on its owner's or an administrator's behalf, unless somebody did so before whom `If-Match` forbids.
    func edit(
        _ video: Video, by caller: Caller, _ request: Request,
        _ change: @escaping @Sendable (inout Video, any CatalogReader) throws -> Void
    ) async throws -> Video {
        let (id, now, condition) = (video.id, now(), EditCondition(request))
        let (current, isEdited) = try await catalog.write { transaction -> (Video, Bool) in
            guard var video = try transaction.videoOutsideTrash(id: id) else { throw Problem.videoNotFound }
            guard condition.admits(edition: video.edition) else { return (video, false) }
            try change(&video, transaction)
            video.edition += 1
            video.updatedAt = now
            try transaction.save(video)
            if video.ownerId != caller.id {
                let act = AuditAct(
                    .videoEdited, of: .video(id),
                    ["owner": .string(video.ownerId), "visibility": .string(video.visibility.rawValue)])
                try transaction.record(act, at: now)
            }
            return (video, true)
        }
        guard isEdited else {
            throw Problem.editedMeanwhile(try await version(of: current, for: caller, request).entityTag)
        }
        changes.changed(id)
        return current
    }

    /// A video as `caller` sees it.
    func version(of video: Video, for caller: Caller?, _ request: Request) async throws -> VideoVersion {
        let thumbnail = try await thumbnails(for: request).url(of: video)
        var object = video.json(for: caller, thumbnail: thumbnail)
        if let caller {
            try await addWhatIsTheirs(to: &object, of: video, for: caller)
            if video.isEditable(by: caller) { try await addSource(to: &object, of: video) }
        }
        return try VideoVersion(object, edition: video.edition)
    }
}
