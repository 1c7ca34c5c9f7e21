import EventLoop
import SegmentStore

extension EdgeHandler {
    /// The cache key of an object that a playlist names, if the same behavior serves it.
    func keyOnLoop(of address: SegmentAddress, in route: Route) -> [UInt8]? {
        guard route.covers(address.path), route.behavior.cachePolicy != nil else { return nil }
        return route.distribution.cacheKey(path: address.path, query: address.query)
    }

    /// Begins to fetch an object nobody has asked for yet. False when the store has it, it is on its way already, or it
    /// is known not to be stored; `notice` is then not asked for.
    func fillAheadOnLoop(_ key: [UInt8], route: Route, notice: () -> FillNotice) -> Bool {
        let now = loop.epochSeconds
        guard key.count <= CacheKey.maximumLength, !core.fills.isPass(key, now: now) else { return false }
        let known = reader.lookup(key: key)
        if let known, known.isFresh(at: now) { return false }
        let expired = known.map { ExpiredObject($0, reader: reader) }
        guard case .began(let fill) = beginFillOnLoop(key) else { return false }
        // Another loop may have finished the same object between the look-up and the table.
        if let object = reader.lookup(key: key), object.isFresh(at: now) {
            core.fills.remove(fill)
            fill.enter(.inStore(.hit))
            return false
        }
        fill.watch(notice())
        FillDriver(
            fill, route: route, core: core, loop: loop, upstream: upstream, expired: expired, initiator: nil
        ).startOnLoop()
        return true
    }
}
