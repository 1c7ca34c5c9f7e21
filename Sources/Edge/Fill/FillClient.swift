import CacheRules
import EventLoop
import HTTPServer
import HTTPWire

/// One client that waits for a fill and then streams from it. Lives on the client's loop.
final class FillClient: FillWaiter, BodySource, ExchangeObserver {
    let exchange: Exchange
    let route: Route
    var place = -1
    private let handler: EdgeHandler
    private let fill: Fill
    /// Why the origin is asked.
    let reason: CacheStatus.Forward
    /// Whether another client began the fill.
    private let hasJoined: Bool
    /// Whether an expired object may be served in place of a failure.
    private let mayServeStale: Bool
    private var hub: FillHub?
    private var state = State.waiting
    private var hedge: TimerToken?
    /// Produces the body once it is known what to send.
    private var body: (any BodySource)?
    /// What is being sent, if parts of it could be asked for.
    private var version: SliceVersion?
    /// Interim responses the client has.
    private var hintsSent = 0

    private enum State {
        case waiting
        case streaming
        case ended
    }

    init(
        _ exchange: Exchange, route: Route, fill: Fill, reason: CacheStatus.Forward, hasJoined: Bool,
        mayServeStale: Bool, handler: EdgeHandler
    ) {
        self.exchange = exchange
        self.route = route
        self.fill = fill
        self.reason = reason
        self.hasJoined = hasJoined
        self.mayServeStale = mayServeStale
        self.handler = handler
    }

    /// Whether the response could still be handed over to this client as it is: nothing sent, the whole wanted, and no
    /// cookie that the origin should have seen.
    var canTakeRelayOnLoop: Bool {
        guard case .waiting = state, !exchange.isEnded else { return false }
        return route.group.signsRequests || exchange.field(.cookie) == nil
    }

    func startOnLoop() {
        exchange.observer = self
        hub = fill.join(self, onLoop: exchange.loop)
        if mayServeStale {
            hedge = exchange.loop.scheduleOnLoop(after: .milliseconds(handler.core.fillLimits.staleMilliseconds)) {
                [weak self] in
                self?.hedge = nil
                self?.serveStaleOnLoop(.tooSlow)
            }
        }
        fillChangedOnLoop(fill)
    }

    func fillChangedOnLoop(_ fill: Fill) {
        switch state {
        case .waiting: lookOnLoop()
        case .streaming: exchange.resumeResponseOnLoop()
        case .ended: break
        }
    }

    private func lookOnLoop() {
        for hint in fill.hints(after: hintsSent) {
            hintsSent += 1
            exchange.relayOnLoop(hint)
        }
        switch fill.phase {
        case .awaitingHead: break
        case .streaming(let head):
            if isSelected(head) { respondOnLoop(head, length: head.length, sharedResult: .collapsedMiss) }
        // Whole, and about to be found in the store: for who joins now it is a hit like any other.
        case .complete(let head):
            if isSelected(head) { respondOnLoop(head, length: fill.byteCount, sharedResult: .hit) }
        case .broken: failOnLoop(.brokeOff)
        case .failed(let failure): failOnLoop(failure)
        case .serveStale(let failure): serveStaleOnLoop(failure)
        case .inStore(let result):
            leaveOnLoop { [route, fill] in $0.serveConfirmedOnLoop($1, route: route, key: fill.key, result: result) }
        case .released: releaseOnLoop()
        case .continued(let whole):
            leaveOnLoop { [route, reason] in $0.waitOnLoop($1, route: route, for: whole, reason: reason) }
        case .wholeWanted:
            leaveOnLoop { [route, fill, reason] in
                $0.fetchWholeOnLoop($1, route: route, key: fill.key, reason: reason)
            }
        case .sliced:
            leaveOnLoop { [route, fill, reason] handler, exchange in
                if exchange.isHead {
                    handler.passThroughOnLoop(exchange, route: route, target: fill.key, reason: reason)
                } else {
                    handler.sliceOnLoop(exchange, route: route, key: fill.key, reason: reason)
                }
            }
        }
    }

    /// Whether the response is for this client's request too. If it varies and is not, the client's own is fetched.
    private func isSelected(_ head: FilledHead) -> Bool {
        guard let selection = head.selection else { return true }
        let base = VariantKey.base(of: selection.key)
        if handler.variantKey(of: exchange, base: base, names: selection.names) == selection.key { return true }
        leaveOnLoop { [route] in $0.fetchVariantOnLoop($1, route: route, of: selection) }
        return false
    }

    /// The client asks the origin for itself.
    private func releaseOnLoop() {
        leaveOnLoop { [route, fill, reason] in
            $0.passThroughOnLoop($1, route: route, target: fill.key, reason: reason)
        }
    }

    /// Starts the response once it is known what to send; a range of an object of unknown length waits for its end.
    private func respondOnLoop(_ head: FilledHead, length: Int?, sharedResult: CacheResult) {
        if answerOtherwiseOnLoop(head.status) { return }
        let request = ConditionalRequest(exchange, maximumRanges: handler.core.maximumRanges)
        let isPage = route.page != nil
        let grant = head.playlistGrant(exchange, route)
        if length == nil, head.status == 200, request.hasRange, !exchange.isHead, !isPage, grant == nil { return }
        stopHedgeOnLoop()
        let plan = isPage ? .whole : head.plan(request, length: length, grant)
        let start = plan.firstByte
        guard let hub, fill.canServe(from: start) else { return releaseOnLoop() }
        version = SliceVersion(head, length: length)
        state = .streaming
        body = body(of: plan, length: length, hub: hub)
        handler.startFilledResponseOnLoop(
            exchange, route: route, head: head, length: grant == nil ? length : nil, plan: plan,
            served: Served(hasJoined ? sharedResult : .miss, forward: reason),
            source: grant.map { GrantedPlaylistSource(self, $0) } ?? self, grant: grant)
    }

    /// A page in place of an error, or the error that a page should have stood for. False if the response is to be sent.
    private func answerOtherwiseOnLoop(_ status: Int) -> Bool {
        if let role = route.page, status != HTTPStatus.ok.code {
            leaveOnLoop { [route] in $0.failPageOnLoop($1, route, role) }
            return true
        }
        guard route.hasPage(for: status, exchange) else { return false }
        leaveOnLoop { [route] in _ = $0.servePageOnLoop($1, route, insteadOf: status) }
        return true
    }

    /// Several ranges come in ascending order, for the bytes before those that were taken may be gone.
    private func body(of plan: ResponsePlan, length: Int?, hub: FillHub) -> any BodySource {
        switch plan {
        case .part(let range): part(from: range.lowerBound, upTo: range.upperBound, hub)
        case .parts(let multipart):
            MultipartSource(multipart.ascending()) { [unowned self] in part(from: $0.start, upTo: $0.end, hub) }
        default: part(from: 0, upTo: length, hub)
        }
    }

    private func part(from start: Int, upTo end: Int?, _ hub: FillHub) -> FillPart {
        FillPart(of: fill, hub: hub, from: start, upTo: end, handler: handler) { [unowned self] position in
            continuationOnLoop(from: position, upTo: end)
        }
    }

    /// For a client that reads too slowly for a fill that the store does not take: the rest in slices, if the origin has
    /// the same object still.
    private func continuationOnLoop(from position: Int, upTo end: Int?) -> SliceClient? {
        guard let end, let version, SliceKey.mayBeSliced(fill.key) else { return nil }
        fill.leave(self, onLoop: exchange.loop)
        let client = SliceClient(exchange, route: route, key: fill.key, reason: reason, handler: handler)
        client.continueOnLoop(version, from: position, to: end)
        return client
    }

    private func serveStaleOnLoop(_ failure: FillFailure) {
        leaveOnLoop { [route, fill] handler, exchange in
            if handler.serveStaleOnLoop(exchange, route: route, key: fill.key) { return }
            handler.failOnLoop(exchange, route: route, failure)
        }
    }

    private func failOnLoop(_ failure: FillFailure) {
        leaveOnLoop { [route] in $0.failOnLoop($1, route: route, failure) }
    }

    /// Ends waiting and lets the handler answer in another way.
    private func leaveOnLoop(_ answer: (EdgeHandler, Exchange) -> Void) {
        guard case .waiting = state else { return }
        endOnLoop()
        if exchange.isEnded { return }
        exchange.observer = nil
        answer(handler, exchange)
    }

    /// Gives the exchange away without an answer, to whoever relays the response.
    func handOverOnLoop() {
        endOnLoop()
        exchange.observer = nil
    }

    private func endOnLoop() {
        state = .ended
        stopHedgeOnLoop()
        fill.leave(self, onLoop: exchange.loop)
        body?.cancelledOnLoop()
        body = nil
    }

    private func stopHedgeOnLoop() {
        if let hedge { exchange.loop.cancelOnLoop(hedge) }
        hedge = nil
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        guard case .streaming = state, let body else { return .failed }
        let production = body.produceOnLoop(into: writer)
        if production == .finished || production == .failed { endOnLoop() }
        return production
    }

    func cancelledOnLoop() {
        endOnLoop()
    }

    func abandonedOnLoop(_ exchange: Exchange) {
        endOnLoop()
    }
}
