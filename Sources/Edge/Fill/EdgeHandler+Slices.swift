import Bytes
import CacheRules
import EventLoop
import HTTPServer
import HTTPWire
import SegmentStore

/// Objects served in slices: ranges of what is not here, and whole objects that are too large to be stored whole.
extension EdgeHandler {
    /// Serves what is asked for in slices if that is the better way; only for objects that are not in the store. False if
    /// it is to be fetched whole.
    func serveSlicedOnLoop(
        _ exchange: Exchange, route: Route, key: [UInt8], reason: CacheStatus.Forward
    ) -> Bool {
        let now = loop.epochSeconds
        guard exchange.head.method == .get, route.page == nil, SliceKey.mayBeSliced(key),
            !core.fills.isPass(key, now: now),
            !core.fills.isPass(SliceKey.unsliceable(key), now: now)
        else { return false }
        guard let field = exchange.field(.range) else {
            guard isSlicedOnLoop(key) else { return false }
            sliceOnLoop(exchange, route: route, key: key, reason: reason)
            return true
        }
        guard let position = RangeStart(field) else { return false }
        // What the fill of the whole brings soon anyway is not asked for twice.
        if let fill = core.fills.running(key), position.bytes <= fill.byteCount + core.fillLimits.sliceBytes {
            return false
        }
        SliceClient(exchange, route: route, key: key, reason: reason, handler: self).startOnLoop(at: position.bytes)
        return true
    }

    /// Serves the whole of an object that is too large to be stored whole.
    func sliceOnLoop(_ exchange: Exchange, route: Route, key: [UInt8], reason: CacheStatus.Forward) {
        SliceClient(exchange, route: route, key: key, reason: reason, handler: self).startOnLoop(at: 0)
    }

    /// Whether the store knows the object by its slices alone because it is too large.
    private func isSlicedOnLoop(_ key: [UInt8]) -> Bool {
        guard let object = reader.lookup(key: SliceKey.slice(0, of: key)),
            let annotation = SliceAnnotation(reader.annotation(of: object))
        else { return false }
        return annotation.total > core.objectBytes
    }

    /// From now on ranges of this object are served from the whole.
    func preferWholeOnLoop(_ key: [UInt8]) {
        let now = loop.epochSeconds
        core.fills.markPass(SliceKey.unsliceable(key), until: now + FillDriver.passSeconds, now: now)
    }

    /// The fill of a slice, begun if it does not run yet; `nil` if slices of this object are not for sharing.
    @discardableResult
    func fillSliceOnLoop(_ order: SliceOrder, route: Route, expired: ExpiredObject?) -> Fill? {
        let key = SliceKey.slice(order.index, of: order.key)
        let now = loop.epochSeconds
        if core.fills.isPass(key, now: now) { return nil }
        switch core.fills.joinOrBegin(
            key, now: now, make: { Fill(key: key, fence: core.store.currentFence, budget: core.fillBudget) })
        {
        case .joined(let fill): return fill
        case .began(let fill):
            if let object = reader.lookup(key: key), object.isFresh(at: now),
                let found = sliceHeadOnLoop(object, of: order, result: .hit)?.version,
                order.version == nil || order.version == found
            {
                core.fills.remove(fill)
                fill.enter(.inStore(.hit))
                return fill
            }
            FillDriver(
                fill, order: order, route: route, core: core, loop: loop, upstream: upstream, expired: expired,
                addition: order.addition, initiator: nil
            ).startOnLoop()
            return fill
        }
    }

    /// What the slice just looked up says about the whole object; `nil` if it is not the one of the order.
    func sliceHeadOnLoop(_ object: StoredObject, of order: SliceOrder, result: CacheResult) -> SliceHead? {
        guard object.status == HTTPStatus.partialContent.code,
            let annotation = SliceAnnotation(reader.annotation(of: object)), annotation.start == order.start,
            object.length == min(order.sliceBytes, annotation.total - annotation.start)
        else { return nil }
        var head = FilledHead()
        head.fields = Array(reader.head(of: object))
        head.etag = Array(reader.etag(of: object))
        head.lastModified = annotation.response.lastModified
        head.bornAt = annotation.response.bornAt
        head.freshUntil = object.freshUntil
        head.isStored = true
        return SliceHead(
            head: head, version: SliceVersion(etag: head.etag, total: annotation.total), result: result)
    }
}

extension SliceHead {
    func with(_ result: CacheResult) -> SliceHead {
        SliceHead(head: head, version: version, result: result)
    }
}

/// Where a request for one range begins.
struct RangeStart: Equatable {
    /// The first byte; 0 for a suffix, whose place only the length of the object tells.
    let bytes: Int

    /// `nil` for several ranges, and for what is no range.
    init?(_ field: UnsafeRawBufferPointer) {
        // Any object is shorter, so that every range but a suffix is found where it is.
        guard case .single(let range) = ByteRangeRequest.resolve(field, length: .max) else { return nil }
        bytes = Self.isSuffix(field) ? 0 : range.start
    }

    private static func isSuffix(_ field: UnsafeRawBufferPointer) -> Bool {
        let afterUnit = field.drop { $0 != UInt8(ascii: "=") }.dropFirst()
        return afterUnit.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } == UInt8(ascii: "-")
    }
}
