import EventLoop
import HTTPClient
import HTTPWire

/// Fills of slices, and what becomes of them.
extension FillDriver {
    /// The whole object comes instead of a slice of it: from here on this is the fill of the whole.
    func takeWholeOnLoop(_ response: ClientResponseHead, instead order: SliceOrder) {
        if response.status == .ok, order.version == nil { markUnsliceableOnLoop(order.key) }
        let slice = fill
        let whole = Fill(key: order.key, fence: slice.fence, budget: core.fillBudget)
        if let running = core.fills.turn(slice, into: whole) { return endOnLoop(.continued(in: running)) }
        fill = whole
        self.order = nil
        slice.enter(.continued(in: whole))
        judgeOnLoop(response.asWhole, slice: nil)
    }

    /// The object is larger than what is stored whole. It is served in slices if the origin promises to have them.
    func sliceOnLoop(_ response: ClientResponseHead) {
        let tag = response.headers.first("ETag").flatMap { EntityTag(fieldValue: $0) }
        let mark = SliceKey.unsliceable(fill.key)
        guard let tag, !tag.isWeak, response.headers.joined("Accept-Ranges") == "bytes",
            SliceKey.mayBeSliced(fill.key), !core.fills.isPass(mark, now: loop.epochSeconds)
        else { return releaseOnLoop() }
        endOnLoop(.sliced)
    }

    func markUnsliceableOnLoop(_ key: [UInt8]) {
        let now = loop.epochSeconds
        core.fills.markPass(SliceKey.unsliceable(key), until: now + Self.passSeconds, now: now)
    }
}
