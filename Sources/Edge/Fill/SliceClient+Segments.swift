import EventLoop
import HTTPServer
import SegmentStore

/// Finding slices, and sending them.
extension SliceClient {
    /// How often in a row a slice may vanish before the response is given up.
    private static let maximumReopenings = 2

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        guard case .streaming(var position, let end) = state else { return .failed }
        while position < end {
            let index = position / sliceBytes
            if segment.index != index { openOnLoop(index) }
            if readAheadFrom != index { readAheadOnLoop(index, end: end) }
            let before = position
            let production = produceOnLoop(
                from: &position, upTo: min(end, (index + 1) * sliceBytes), index, into: writer)
            if position > before { reopenings = 0 }
            state = .streaming(position: position, end: end)
            if production == .failed { endOnLoop() }
            if let production { return production }
        }
        endOnLoop()
        return .finished
    }

    /// Sends what is here of slice `index`. `nil` when there is something to go on with at once: the next slice, or this
    /// one from elsewhere.
    private func produceOnLoop(
        from position: inout Int, upTo end: Int, _ index: Int, into writer: borrowing BodyWriter
    ) -> Production? {
        let start = index * sliceBytes
        switch segment {
        case .none: return .failed
        case .stored(_, let object, _):
            while position < end {
                let chunk = (position - start) / StoredObject.chunkBytes
                let offset = (position - start) % StoredObject.chunkBytes
                let wanted = min(StoredObject.chunkBytes - offset, end - position)
                let loan = handler.reader.withResidentChunk(of: object, index: chunk) {
                    writer.write(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + wanted]))
                }
                switch loan {
                case .lent(let accepted):
                    position += accepted
                    if accepted < wanted { return .more }
                case .cold(let chunk):
                    handler.coldReads.readOnLoop(chunk) { [self] isReadable in
                        guard case .streaming = state else { return }
                        if !isReadable, segment.index == index { _ = reopenOnLoop(index) }
                        exchange.resumeResponseOnLoop()
                    }
                    return .wait
                case .gone: return reopenOnLoop(index) ? nil : .failed
                }
            }
            return nil
        case .filling(_, let fill, let hub):
            if let obstacle = obstacleOnLoop(fill, index) { return obstacle.production }
            var offset = position - start
            defer { position = start + offset }
            switch fill.produceOnLoop(
                from: &offset, upTo: end - start, isFirst: exchange.bodyBytesWritten == 0, hub: hub,
                handler: handler, into: writer)
            {
            case .more: return .more
            case .wait: return .wait
            case .finished: return start + offset == end ? nil : .failed
            case .broken: return .failed
            case .lost: return reopenOnLoop(index) ? nil : .failed
            }
        }
    }

    /// What keeps a fill's bytes from being sent.
    private enum Obstacle {
        case wait
        /// The slice is to be had elsewhere by now.
        case moved
        case fatal

        var production: Production? {
            switch self {
            case .wait: .wait
            case .moved: nil
            case .fatal: .failed
            }
        }
    }

    private func obstacleOnLoop(_ fill: Fill, _ index: Int) -> Obstacle? {
        switch fill.phase {
        case .awaitingHead: return .wait
        case .streaming(let head), .complete(let head):
            if head.slice == version { return nil }
            if head.slice != nil { dropVersionOnLoop() }
            return .fatal
        case .inStore: return reopenOnLoop(index) ? .moved : .fatal
        case .serveStale: return openExpiredOnLoop(index) ? .moved : .fatal
        case .continued:
            dropVersionOnLoop()
            return .fatal
        // Bytes of a slice that breaks off later were of the right version, but nobody would get its end.
        case .broken, .failed, .released, .wholeWanted, .sliced: return .fatal
        }
    }

    // MARK: Slices

    /// Finds slice `index` in the store or joins its fill. Leaves no segment if it is not to be had.
    func openOnLoop(_ index: Int) {
        closeOnLoop()
        let now = exchange.loop.epochSeconds
        let sliceKey = SliceKey.slice(index, of: key)
        var expired: ExpiredObject?
        if let object = handler.reader.lookup(key: sliceKey),
            let head = handler.sliceHeadOnLoop(object, of: order(index), result: .hit),
            version == nil || version == head.version
        {
            if object.isFresh(at: now) {
                segment = .stored(index: index, object, head)
                return
            }
            expired = ExpiredObject(object, reader: handler.reader)
            if now < object.staleWhileRevalidateUntil, !object.softPurged {
                segment = .stored(index: index, object, head.with(.revalidatingHit))
                handler.fillSliceOnLoop(order(index), route: route, expired: expired)
                return
            }
        }
        guard let fill = handler.fillSliceOnLoop(order(index), route: route, expired: expired) else { return }
        segment = .filling(index: index, fill, fill.join(self, onLoop: exchange.loop))
        if let expired, expired.mayBeServedOnError(at: now) { hedgeOnLoop(index) }
    }

    /// Looks for the slice again. False if that has been done often enough.
    func reopenOnLoop(_ index: Int) -> Bool {
        reopenings += 1
        guard reopenings <= Self.maximumReopenings else { return false }
        openOnLoop(index)
        return segment.index != nil
    }

    /// Takes the expired slice in place of a failing origin's. False if there is none that may be.
    func openExpiredOnLoop(_ index: Int) -> Bool {
        guard let object = handler.reader.lookup(key: SliceKey.slice(index, of: key)),
            object.mayBeServedOnError(at: exchange.loop.epochSeconds),
            let head = handler.sliceHeadOnLoop(object, of: order(index), result: .staleHit),
            version == nil || version == head.version
        else { return false }
        closeOnLoop()
        segment = .stored(index: index, object, head)
        return true
    }

    func closeOnLoop() {
        stopHedgeOnLoop()
        if case .filling(_, let fill, _) = segment { fill.leave(self, onLoop: exchange.loop) }
        segment = .none
    }

    /// Fetches the slice behind `index` as well if the client wants it, or is likely to want it soon: who has come to the
    /// last quarter of a slice usually goes on.
    private func readAheadOnLoop(_ index: Int, end: Int) {
        readAheadFrom = index
        let next = index + 1
        guard let version, next * sliceBytes < version.total, end > next * sliceBytes - sliceBytes / 4,
            version.total > handler.core.fillLimits.wholeBytes
        else { return }
        if let object = handler.reader.lookup(key: SliceKey.slice(next, of: key)),
            object.isFresh(at: exchange.loop.epochSeconds)
        {
            return
        }
        handler.fillSliceOnLoop(order(next), route: route, expired: nil)
    }

    /// The origin has another version: what is here of this one is of no use any more.
    private func dropVersionOnLoop() {
        guard let version else { return }
        for index in 0...(version.total - 1) / sliceBytes {
            guard let object = handler.reader.lookup(key: SliceKey.slice(index, of: key)),
                handler.sliceHeadOnLoop(object, of: order(index), result: .hit)?.version == version
            else { continue }
            handler.core.store.remove(object)
        }
    }

    private func order(_ index: Int) -> SliceOrder {
        SliceOrder(
            key: key, index: index, sliceBytes: sliceBytes, version: version, loopMarks: exchange.loopMarks,
            addition: addition)
    }

    // MARK: Hedge

    private func hedgeOnLoop(_ index: Int) {
        let delay = Duration.milliseconds(handler.core.fillLimits.staleMilliseconds)
        hedge = exchange.loop.scheduleOnLoop(after: delay) { [weak self] in
            self?.hedge = nil
            self?.originIsLateOnLoop(index)
        }
    }

    private func originIsLateOnLoop(_ index: Int) {
        guard case .filling(index, let fill, _) = segment, case .awaitingHead = fill.phase, openExpiredOnLoop(index)
        else { return }
        changedOnLoop()
    }

    func stopHedgeOnLoop() {
        if let hedge { exchange.loop.cancelOnLoop(hedge) }
        hedge = nil
    }
}
