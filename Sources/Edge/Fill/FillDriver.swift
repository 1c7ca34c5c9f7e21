import Bytes
import CacheRules
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import SegmentStore
import Telemetry
import Transport

/// Runs one fill on the loop that began it: asks the origin, publishes what arrives, stores it, and tells the waiters how
/// it ended. The client connection keeps it alive until its last event.
final class FillDriver: ResponseReceiver {
    var fill: Fill
    /// What is asked for, unless it is the whole object.
    var order: SliceOrder?
    let route: Route
    let core: EdgeCore
    let loop: EventLoop
    private let upstream: Upstream
    private let expired: ExpiredObject?
    /// The client that began the fill, for a response that is for it alone.
    private weak var initiator: FillClient?
    private var machine: FillMachine
    var exchange: UpstreamExchange?
    var writer: ObjectWriter?
    private var metadata = ObjectMetadata()
    private var head = FilledHead()
    private var relay: PassThrough?
    private var askedAtNanoseconds: UInt64 = 0
    var pace: FillPace
    var paceTimer: TimerToken?
    var isPausedByStore = false
    /// The window is full.
    var isStalled = false

    /// How long a key stays known as not worth collapsing.
    static let passSeconds: Int64 = 120

    init(
        _ fill: Fill, order: SliceOrder? = nil, route: Route, core: EdgeCore, loop: EventLoop, upstream: Upstream,
        expired: ExpiredObject?, initiator: FillClient?
    ) {
        self.fill = fill
        self.order = order
        self.route = route
        self.core = core
        self.loop = loop
        self.upstream = upstream
        self.expired = expired
        self.initiator = initiator
        pace = FillPace(limitSeconds: core.fillLimits.seconds, leastBytesPerSecond: core.fillLimits.leastBytesPerSecond)
        machine = FillMachine(
            objectLimit: core.objectBytes, hasStale: expired?.mayBeServedOnError(at: loop.epochSeconds) ?? false)
    }

    func startOnLoop() {
        var headers = OriginRequest.headersOfFill()
        for field in VariantKey.fields(of: fill.key) { headers.set(field.name, field.value) }
        for mark in initiator?.exchange.loopMarks ?? [] { headers.add(LoopMark.field, mark) }
        if let expired {
            for field in Validation.condition(for: expired.validators) { headers.add(field.name, field.value) }
        }
        order?.add(to: &headers, isConditional: expired != nil)
        askedAtNanoseconds = loop.nowNanoseconds
        exchange = upstream.startOnLoop(
            UpstreamRequest(
                method: .get, target: Array(VariantKey.primary(of: order?.key ?? fill.key)), headers: headers),
            route: route, receiver: self)
    }

    // MARK: ResponseReceiver

    func informationalOnLoop(_ response: ClientResponseHead) {
        if let hint = InterimHead(response) { fill.append(hint) }
    }

    func headOnLoop(_ response: ClientResponseHead) {
        if response.answersNobody(isConditional: expired != nil, isRanged: order != nil) {
            return endOnLoop(.failed(.malformed))
        }
        guard let order else { return judgeOnLoop(response, slice: nil) }
        switch SliceJudge(response, to: order) {
        case .slice(let version): judgeOnLoop(response.asWhole, slice: version)
        case .whole: takeWholeOnLoop(response, instead: order)
        case .unsliceable:
            markUnsliceableOnLoop(order.key)
            endOnLoop(.wholeWanted)
        case .refused: releaseOnLoop()
        case .other: judgeOnLoop(response, slice: nil)
        }
    }

    func judgeOnLoop(_ response: ClientResponseHead, slice: SliceVersion?) {
        var judgement = FillJudge(
            response, to: fill, behavior: route.behavior, expired: expired, now: loop.epochSeconds,
            responseDelay: Int64((loop.nowNanoseconds - askedAtNanoseconds) / 1_000_000_000))
        if let order {
            // Variants are stored whole.
            if judgement.head.selection != nil {
                markUnsliceableOnLoop(order.key)
                return endOnLoop(.wholeWanted)
            }
            if let slice {
                judgement.becomeSlice(of: slice, start: order.start)
            } else {
                judgement.storeNothing()
            }
        }
        let canRelay = initiator?.canTakeRelayOnLoop ?? false
        switch machine.headArrived(judgement.verdict, canRelay: canRelay) {
        case .stream(let storing):
            head = judgement.head
            head.isStored = storing
            watchOnLoop()
            if storing { openWriterOnLoop(judgement) }
            if mustNotBeSharedOnLoop { return releaseOnLoop() }
            fill.enter(.streaming(head))
        case .relay: relayOnLoop(response)
        case .releaseWaiters:
            if let order { markUnsliceableOnLoop(order.key) }
            releaseOnLoop()
        case .slice: sliceOnLoop(response)
        case .refresh: refreshOnLoop(judgement)
        case .serveStale: endOnLoop(.serveStale(.unreachable))
        }
    }

    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        switch machine.bodyArrived(bytes.count) {
        case .append(let storing):
            pace.arrived(bytes.count)
            let room = fill.append(bytes, expected: head.length)
            if storing { storeOnLoop(bytes) }
            return flowOnLoop(room)
        case .appendStoringNoMore:
            core.fills.markPass(fill.key, until: loop.epochSeconds + Self.passSeconds, now: loop.epochSeconds)
            _ = fill.append(bytes, expected: nil)
            return flowOnLoop(notStoredOnLoop(.tooLarge))
        case .relay: return relay?.bodyOnLoop(bytes) ?? .more
        case .overrun: endOnLoop(.broken)
        case .ignore: break
        }
        return .more
    }

    func endOnLoop() {
        switch machine.bodyEnded() {
        case .commit: commitOnLoop()
        case .finishShared:
            core.fills.remove(fill)
            stopWatchOnLoop()
            fill.enter(.complete(head))
        case .relay: relay?.endOnLoop()
        case .truncated: endOnLoop(.broken)
        case .ignore: break
        }
        exchange = nil
    }

    func failedOnLoop(_ error: ClientError) {
        let failure = FillFailure(error)
        switch machine.failed() {
        case .failWaiters: endOnLoop(.failed(failure))
        case .serveStale: endOnLoop(.serveStale(failure))
        case .cutWaiters: endOnLoop(.broken)
        case .relay: relay?.failedOnLoop(error)
        case .ignore: break
        }
        exchange = nil
    }

    /// Whether a slow client of this response would be lost: it is larger than the window, the store does not take it, and
    /// the rest could not be asked for.
    private var mustNotBeSharedOnLoop: Bool {
        guard let length = head.length, length > core.fillLimits.windowBytes else { return false }
        let isRefused = writer.map { $0.obstacle != nil } ?? true
        return isRefused && SliceVersion(head, length: length) == nil
    }

    // MARK: Actions

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

    private func openWriterOnLoop(_ judgement: FillJudge) {
        metadata = judgement.metadata
        core.fills.setTags(metadata.tags, of: fill)
        let driver = weaklyBound
        let writer = core.store.beginObject(
            key: head.selection?.key ?? fill.key, fence: fill.fence, expectedLength: head.length,
            onResume: { driver.loop.submit { driver.valueOnLoop.driver?.storeCaughtUpOnLoop() } },
            onProgress: { driver.loop.submit { driver.valueOnLoop.driver?.storeProgressedOnLoop() } })
        fill.opened(writer.id)
        self.writer = writer
    }

    private func storeOnLoop(_ bytes: UnsafeRawBufferPointer) {
        switch writer?.append(bytes) {
        case .pause: isPausedByStore = true
        case .dropped(let outcome): _ = notStoredOnLoop(outcome)
        case .more, nil: break
        }
    }

    /// The object will not be stored; the clients are served from the origin alone.
    private func notStoredOnLoop(_ outcome: StoreOutcome) -> Fill.Room {
        core.log.notStored(key: fill.key, outcome: outcome)
        isPausedByStore = false
        defer { writer = nil }
        return fill.storeRefused(keeping: writer)
    }

    /// The store outlives a fill, and readers may; they must not keep one alive.
    struct WeakDriver {
        weak var driver: FillDriver?
        init(_ driver: FillDriver) { self.driver = driver }
    }

    var weaklyBound: LoopBound<WeakDriver> { LoopBound(WeakDriver(self), loop: loop) }

    private func storeCaughtUpOnLoop() {
        guard isPausedByStore else { return }
        isPausedByStore = false
        resumeOnLoop(fill.room())
    }

    private func storeProgressedOnLoop() {
        guard let writer else { return }
        if let outcome = writer.obstacle {
            resumeOnLoop(notStoredOnLoop(outcome))
        } else {
            resumeOnLoop(fill.committed(writer.committedChunks))
        }
    }

    /// All bytes are here: waiters finish at once, new clients may join until the store has the object.
    private func commitOnLoop() {
        stopWatchOnLoop()
        fill.enter(.complete(head))
        guard let writer else { return core.fills.remove(fill) }
        self.writer = nil
        let key = head.selection?.key ?? fill.key
        writer.finish(metadata) { [core, fill, head, metadata, route] outcome in
            if case .stored = outcome {
                core.compress(key, metadata, route)
                fill.stored(inlineBytes: core.store.inlineBodyBytes)
                if let selection = head.selection {
                    return core.mark(selection, of: fill, storedAt: metadata.storedAt)
                }
            } else {
                core.log.notStored(key: fill.key, outcome: outcome)
            }
            core.fills.remove(fill)
        }
    }

    private func refreshOnLoop(_ judgement: FillJudge) {
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
    private func relayOnLoop(_ response: ClientResponseHead) {
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

extension EdgeCore {
    /// Has what was just stored compressed, where that is wanted.
    fileprivate func compress(_ key: [UInt8], _ metadata: ObjectMetadata, _ route: Route) {
        if metadata.flags.contains(.compressible) { compression.add(key, codings: route.behavior.codings) }
    }

    /// Stores at the primary key by what its responses vary. The fill stays on the table until then, so that who comes
    /// meanwhile joins it and is told.
    fileprivate func mark(_ selection: VariantSelection, of fill: Fill, storedAt: Int64) {
        var metadata = ObjectMetadata()
        metadata.flags = .varies
        metadata.head = selection.names
        metadata.storedAt = storedAt
        metadata.freshUntil = .max
        let key = Array(VariantKey.primary(of: selection.key))
        store.beginObject(key: key, fence: fill.fence, expectedLength: 0).finish(metadata) { [self] outcome in
            if case .stored = outcome {} else { log.notStored(key: key, outcome: outcome) }
            fills.remove(fill)
        }
    }
}

extension ObjectMetadata {
    /// Whether the object may be served again without asking; if not, a confirmation is worth no write.
    fileprivate var isReusable: Bool {
        freshUntil > storedAt || staleIfErrorUntil > storedAt || staleWhileRevalidateUntil > storedAt
    }
}

extension ClientResponseHead {
    /// Whether it answers what was not asked: a part of a whole, or that nothing has changed of what we do not have.
    fileprivate func answersNobody(isConditional: Bool, isRanged: Bool) -> Bool {
        (status == .partialContent && !isRanged) || (status == .notModified && !isConditional)
    }
}

extension FillFailure {
    /// What a client is told of an origin request that failed.
    init(_ error: ClientError) {
        switch error.kind {
        case .connectTimeout, .responseTimeout, .idleTimeout, .queueTimeout: self = .tooSlow
        case .overloaded: self = .overloaded
        case .malformedResponse: self = .malformed
        case .truncated, .closedBeforeResponse: self = .brokeOff
        default: self = .unreachable
        }
    }
}
