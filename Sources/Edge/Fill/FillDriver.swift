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
    let expired: ExpiredObject?
    /// What the origin gets beyond what the key says.
    private let addition: OriginAddition?
    /// The client that began the fill, for a response that is for it alone.
    weak var initiator: FillClient?
    private var machine: FillMachine
    var exchange: UpstreamExchange?
    var writer: ObjectWriter?
    var metadata = ObjectMetadata()
    var head = FilledHead()
    var relay: PassThrough?
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
        expired: ExpiredObject?, addition: OriginAddition? = nil, initiator: FillClient?
    ) {
        self.fill = fill
        self.order = order
        self.route = route
        self.core = core
        self.loop = loop
        self.upstream = upstream
        self.expired = expired
        self.addition = addition
        self.initiator = initiator
        pace = FillPace(limitSeconds: core.fillLimits.seconds, leastBytesPerSecond: core.fillLimits.leastBytesPerSecond)
        machine = FillMachine(
            objectLimit: core.objectBytes, hasStale: expired?.mayBeServedOnError(at: loop.epochSeconds) ?? false)
    }

    func startOnLoop() {
        var headers = OriginRequest.headersOfFill()
        for field in VariantKey.fields(of: fill.key) { headers.set(field.name, field.value) }
        addition?.add(to: &headers)
        for mark in initiator?.exchange.loopMarks ?? [] { headers.add(LoopMark.field, mark) }
        if let expired {
            for field in Validation.condition(for: expired.validators) { headers.add(field.name, field.value) }
        }
        order?.add(to: &headers, isConditional: expired != nil)
        let trace = initiator.flatMap { upstream.traceOnLoop(of: $0.exchange) }
        if upstream.tracer == nil { trace?.write(to: &headers) }
        askedAtNanoseconds = loop.nowNanoseconds
        core.metrics.fillsBegun.add()
        exchange = upstream.startOnLoop(
            UpstreamRequest(
                method: VariantKey.method(of: fill.key),
                target: addition?.target ?? route.target(of: order?.key ?? fill.key), headers: headers, trace: trace),
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
            response, to: fill, sent: addition?.headers ?? [:], route: route, expired: expired, now: loop.epochSeconds,
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
}

extension ClientResponseHead {
    /// Whether it answers what was not asked: a part of a whole, or that nothing has changed of what we do not have.
    fileprivate func answersNobody(isConditional: Bool, isRanged: Bool) -> Bool {
        (status == .partialContent && !isRanged) || (status == .notModified && !isConditional)
    }
}
