internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON

extension APIServices {
    /// `GET /trending`: what everybody sees and is watched most lately. The same for everybody, so that an edge may keep it for
    /// its five seconds: addresses in it begin with the installation's own, whatever the request says.
    func listTrending(_ request: Request) async throws -> Response {
        let limit = try APIQuery(request).limit(default: 24, maximum: 50)
        let videos = try await catalog.read { reader in
            try reader.trending(limit: limit).compactMap { try reader.video(id: $0) }
        }
        let thumbnails = try await thumbnails(at: configuration.publicURL)
        let items = try videos.map { $0.json(for: nil, thumbnail: try thumbnails.url(of: $0)) }
        var response = APIServices.json(.ok, .page(items, next: nil))
        response.headers.set("Cache-Control", "public, max-age=5")
        return response
    }
}
