internal import Audit
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Publishing
internal import WebVTT

extension APIServices {
    /// A film of three hours has subtitles of a tenth of this.
    private static let captionBytes = 1 << 20

    /// `GET /videos/{videoId}/captions`: the subtitles that people have added.
    func listCaptions(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        let items = try await captions.list(videoId: video.id).map { $0.caption.json(isPublished: $0.isPublished) }
        return APIServices.json(.ok, whole: .array(items.map { .object($0) }))
    }

    /// `PUT /videos/{videoId}/captions/{language}`: a file of subtitles, in place of the one there was.
    func putCaptions(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        let language = try Self.language(request)
        let query = try APIQuery(request)
        let kind: Caption.Kind = try query.choice("kind") ?? .subtitles
        let name = try query.captionName()
        let format = try Self.captionFormat(request)
        let bytes = try await APIInput.collect(request, limit: Self.captionBytes)
        let new = Captions.New(language: language, kind: kind, name: name, file: try Self.captionFile(bytes, format))
        let isNew = try await captions.put(new, videoId: video.id, alongside: noting(video, by: caller))
        let listed = try await captions.list(videoId: video.id).first { $0.caption.language == language }
        guard let listed else { throw Problem.captionsNotFound }
        return APIServices.json(isNew ? .created : .ok, listed.caption.json(isPublished: listed.isPublished))
    }

    /// `DELETE /videos/{videoId}/captions/{language}`
    func deleteCaptions(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        try await captions.delete(
            language: try Self.language(request), videoId: video.id, alongside: noting(video, by: caller))
        return Response(status: .noContent)
    }

    /// An administrator's change of somebody else's video is in the audit log.
    private func noting(_ video: Video, by caller: Caller) -> @Sendable (any CatalogTransaction) throws -> Void {
        let now = now()
        return { transaction in
            guard video.ownerId != caller.id else { return }
            let act = AuditAct(
                .videoEdited, of: .video(video.id),
                ["owner": .string(video.ownerId), "visibility": .string(video.visibility.rawValue)])
            try transaction.record(act, at: now)
        }
    }

    private static func language(_ request: Request) throws(Problem) -> String {
        guard let tag = LanguageTag.canonical(request[parameter: "language"]) else {
            throw .invalidParameter("language", "must be a language tag such as de or pt-BR.")
        }
        return tag
    }

    private static func captionFormat(_ request: Request) throws(Problem) -> CaptionFile.Format {
        let type = (request.headers.first("content-type") ?? "").split(separator: ";").first.map { ASCII.trimmed($0) }
        switch type?.lowercased() {
        case "text/vtt": return .webVTT
        case "application/x-subrip": return .subRip
        default:
            throw Problem(
                .unsupportedMediaType, "not_captions",
                "Send a file of WebVTT as 'Content-Type: text/vtt' or of SubRip as 'Content-Type: application/x-subrip'."
            )
        }
    }

    private static func captionFile(_ bytes: [UInt8], _ format: CaptionFile.Format) throws(Problem) -> CaptionFile {
        do {
            return try CaptionFile(bytes, format)
        } catch {
            throw Problem(.unprocessableContent, "invalid_captions", error.description)
        }
    }
}

extension APIQuery {
    private static let longestName = 64

    /// What people are shown; nil for none. It stands between quotes in playlists.
    fileprivate func captionName() throws(Problem) -> String? {
        guard let name = text("name") else { return nil }
        let isPlain = name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: scalar != "\""
            }
        }
        guard isPlain, name.unicodeScalars.count <= Self.longestName, !ASCII.trimmed(name).isEmpty else {
            throw .unprocessableParameter(
                "name", "must be text of at most \(Self.longestName) characters, without quotes and controls.")
        }
        return name
    }
}

/// Tags of languages, BCP 47.
enum LanguageTag {
    private static let longest = 35

    /// The tag as it is usually written; nil for what is none.
    static func canonical(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { $0.lowercased() }
        guard text.utf8.count <= longest, let first = parts.first, (2...8).contains(first.utf8.count),
            first.utf8.allSatisfy({ (0x61...0x7a).contains($0) }), parts.allSatisfy(isPart)
        else { return nil }
        return ([first] + parts.dropFirst().map(written)).joined(separator: "-")
    }

    private static func isPart(_ part: String) -> Bool {
        (1...8).contains(part.utf8.count)
            && part.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
    }

    /// Regions in capitals, scripts with one.
    private static func written(_ part: String) -> String {
        switch part.utf8.count {
        case 2: part.uppercased()
        case 4: part.prefix(1).uppercased() + part.dropFirst()
        default: part
        }
    }
}

extension Caption {
    fileprivate func json(isPublished: Bool) -> JSONObject {
        var object: JSONObject = [
            "language": .string(language), "kind": .string(kind.rawValue), "cues": .integer(Int64(cues)),
            "published": .bool(isPublished), "updatedAt": .string(ISO8601.extended(milliseconds: updatedAt)),
        ]
        if let name { object["name"] = .string(name) }
        return object
    }
}

extension Problem {
    fileprivate static let captionsNotFound = Problem(
        .notFound, "captions_not_found", "The video has no captions in this language.")

    /// Why captions are not changed.
    init(_ refusal: Captions.Refusal) {
        switch refusal {
        case .noVideo: self = .videoNotFound
        case .noCaptions: self = .captionsNotFound
        case .tooMany:
            self = Problem(
                .conflict, "too_many_captions",
                "A video has captions in at most \(Captions.maximumLanguages) languages; delete some first.")
        case .busy: self = .overloaded
        }
    }
}
