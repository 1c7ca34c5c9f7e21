import HTTPServer

/// Playlists on their way from the origin with a viewer's grant.
extension FilledHead {
    /// The grant that goes into the response; nil for what is sent as it comes.
    func playlistGrant(_ exchange: Exchange, _ route: Route) -> PlaylistGrant? {
        etag.withUnsafeBytes { etag in
            fields.withUnsafeBytes { PlaylistGrant(exchange, route, status: status, etag: etag, fields: $0) }
        }
    }

    func plan(_ request: ConditionalRequest, length: Int?, _ grant: PlaylistGrant?) -> ResponsePlan {
        guard let grant else { return withRepresentation(length: length) { request.plan(for: $0) } }
        return fields.withUnsafeBytes {
            grant.plan(request, lastModified: lastModified, bornAt: bornAt, fields: $0)
        }
    }
}
