import EventLoop
import HTTPServer
import HTTPWire
import SegmentStore

/// Playlists from the store with a viewer's grant.
extension EdgeHandler {
    /// The grant that goes into the object just looked up; nil for what is sent as it is stored.
    func playlistGrant(_ exchange: Exchange, _ route: Route, _ object: StoredObject) -> PlaylistGrant? {
        // Asked at every hit: a viewer with cookies has no query to look at.
        if exchange.head.query == nil { return nil }
        return PlaylistGrant(
            exchange, route, status: object.status, etag: reader.etag(of: object), fields: reader.head(of: object))
    }

    func respondGrantedOnLoop(
        _ exchange: Exchange, _ route: Route, _ object: StoredObject, _ annotation: StoredAnnotation,
        result: CacheResult, _ grant: PlaylistGrant
    ) {
        let plan = grant.plan(
            ConditionalRequest(exchange), lastModified: annotation.lastModified, bornAt: annotation.bornAt,
            fields: reader.head(of: object))
        let head = StoredHead(
            object: object, plan: plan, page: nil, result: result, policy: route.responseHeaders,
            bornAt: annotation.bornAt, now: loop.epochSeconds, grant: grant)
        exchange.tag = result.rawValue
        guard plan == .whole else {
            return exchange.respondOnLoop(status: head.status) { head.write(to: &$0, of: exchange, from: reader) }
        }
        let source = HitSource(self, route, Hit(object, reader: reader), range: 0..<object.length)
        exchange.startResponseOnLoop(
            status: head.status, length: nil, source: GrantedPlaylistSource(source, grant)
        ) { head.write(to: &$0, of: exchange, from: reader) }
    }
}
