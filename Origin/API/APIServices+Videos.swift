internal import Audit
internal import Bytes
internal import Catalog
internal import EdgeControl
internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import JSON
internal import Jobs

extension APIServices {
    /// `GET /videos`: what the caller may see.
    func listVideos(_ request: Request, for caller: Caller?) async throws -> Response {
        let input = try APIQuery(request)
        var query = VideoQuery(audience: .everyone)
        if let caller { query.audience = caller.role == .admin ? .administrator : .account(caller.id) }
        query.text = input.text("q").map { String($0.unicodeScalars.prefix(200)) }
        query.ownerId = input.text("channel")
        query.sort = try input.choice("sort") ?? (query.text == nil ? .newest : .relevance)
        query.limit = try input.limit(default: 24, maximum: 100)
        query.after = try PageKey.from(input)
        let page = try await catalog.read { [query] in try $0.videos(query) }
        let thumbnails = try await thumbnails(for: request)
        let items = try page.items.map { $0.json(for: caller, thumbnail: try thumbnails.url(of: $0)) }
        return APIServices.json(.ok, .page(items, next: page.next))
    }

    /// `GET /videos/{videoId}/explain`: the plan's reasons word for word, and what each unit of work noted.
    func explainVideo(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        guard let explain = video.explain, var answer = try StoredDocument.parse(explain).object else {
            throw Problem(.notFound, "not_explained", "The upload is not understood yet; ask again when it is probed.")
        }
        let units = try await catalog.read { reader in
            try reader.job(videoId: video.id).map { try reader.units(jobId: $0.id) } ?? []
        }
        let noted = try units.compactMap { unit -> JSONValue? in
            guard let notes = unit.notes else { return nil }
            return [
                "number": .integer(Int64(unit.number)), "kind": .string(unit.kind.rawValue),
                "notes": try StoredDocument.parse(notes),
            ]
        }
        if !noted.isEmpty { answer["units"] = .array(noted) }
        return APIServices.json(.ok, answer)
    }

    /// `GET /videos/{videoId}/conformance`: what the check of what was published has found.
    func conformanceOfVideo(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        guard let report = try await catalog.read({ try $0.conformanceReport(videoId: video.id) }) else {
            throw Problem(.notFound, "not_checked", "The video is not checked yet; ask again when its status is ready.")
        }
        var response = Response(status: .ok, contentType: "application/json", bytes: Array(report.utf8))
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}
