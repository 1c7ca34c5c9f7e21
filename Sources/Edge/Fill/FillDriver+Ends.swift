import EventLoop
import HTTPClient
import SegmentStore

/// The ways a fill ends without an object of its own.
extension FillDriver {
    /// Ends the fill without an object: nobody joins any more, the origin is not read any further, nothing is stored.
    func endOnLoop(_ phase: Fill.Phase) {
        core.fills.remove(fill)
        stopWatchOnLoop()
        writer?.abort()
        writer = nil
        fill.enter(phase)
        exchange?.cancelOnLoop()
        exchange = nil
    }

    func refreshOnLoop(_ judgement: FillJudge) {
        guard let expired else { return releaseOnLoop() }
        exchange?.cancelOnLoop()
        exchange = nil
        let metadata = judgement.metadata
        guard metadata.isReusable else {
            core.fills.remove(fill)
            return fill.enter(.inStore(.refreshHit))
        }
        core.store.refresh(expired.object, fence: fill.fence, metadata: metadata) { [core, fill, route] outcome in
            core.fills.remove(fill)
            if case .stored = outcome { core.compress(fill.key, metadata, route) }
            if case .stored = outcome { fill.enter(.inStore(.refreshHit)) } else { fill.enter(.released) }
        }
    }

    /// The response is for the client that asked; later clients do not wait for each other on this key.
    func relayOnLoop(_ response: ClientResponseHead) {
        guard let initiator, let exchange else { return releaseOnLoop() }
        markPassOnLoop()
        initiator.handOverOnLoop()
        fill.enter(.released)
        relay = PassThrough.adoptOnLoop(exchange, for: initiator.exchange, route: route, reason: initiator.reason)
        relay?.headOnLoop(response)
    }

    func releaseOnLoop() {
        markPassOnLoop()
        endOnLoop(.released)
    }

    private func markPassOnLoop() {
        core.fills.remove(fill)
        core.fills.markPass(fill.key, until: loop.epochSeconds + Self.passSeconds, now: loop.epochSeconds)
    }
}

extension ObjectMetadata {
    /// Whether the object may be served again without asking; if not, a confirmation is worth no write.
    fileprivate var isReusable: Bool {
        freshUntil > storedAt || staleIfErrorUntil > storedAt || staleWhileRevalidateUntil > storedAt
    }
}
