import CacheRules
import EventLoop
import HTTPServer
import HTTPWire
import SegmentStore

/// One client that gets an object, or a range of it, slice by slice: from the store where a slice is there, else from a
/// fill that it shares with whoever wants the same slice. Lives on the client's loop.
///
/// Every slice must be of the version the response began with. One that is not ends the response short.
final class SliceClient: FillWaiter, BodySource, ExchangeObserver {
    let exchange: Exchange
    let route: Route
    let key: [UInt8]
    /// Why the origin is asked.
    let reason: CacheStatus.Forward
    let handler: EdgeHandler
    let sliceBytes: Int
    /// What the origin gets of this client beyond what the key says.
    let addition: OriginAddition?
    var place = -1
    var state = State.opening
    var segment = Segment.none
    /// Of the response; `nil` until it begins.
    var version: SliceVersion?
    /// How often a slice was opened again without a byte in between, because the store lost it or brought another.
    var reopenings = 0
    /// The slice for which the next one has been thought of.
    var readAheadFrom = -1
    var hedge: TimerToken?

    enum State {
        /// No head is known yet.
        case opening
        case streaming(position: Int, end: Int)
        case ended
    }

    /// Where the bytes of a slice come from.
    enum Segment {
        case none
        case stored(index: Int, StoredObject, SliceHead)
        case filling(index: Int, Fill, FillHub)
    }

    init(_ exchange: Exchange, route: Route, key: [UInt8], reason: CacheStatus.Forward, handler: EdgeHandler) {
        self.exchange = exchange
        self.route = route
        self.key = key
        self.reason = reason
        self.handler = handler
        sliceBytes = handler.core.fillLimits.sliceBytes
        addition = OriginAddition(exchange, route, key: key)
    }

    /// Begins with the slice of byte `position`; any slice tells how long the object is.
    func startOnLoop(at position: Int) {
        exchange.observer = self
        openOnLoop(position / sliceBytes)
        lookOnLoop()
    }

    /// Takes over the rest of a response that has begun by other means; whoever began it stays the exchange's source.
    func continueOnLoop(_ version: SliceVersion, from position: Int, to end: Int) {
        self.version = version
        state = .streaming(position: position, end: end)
    }

    func fillChangedOnLoop(_ fill: Fill) {
        guard case .filling(_, let current, _) = segment, current === fill else { return }
        changedOnLoop()
    }

    func changedOnLoop() {
        switch state {
        case .opening: lookOnLoop()
        case .streaming: exchange.resumeResponseOnLoop()
        case .ended: break
        }
    }

    // MARK: Beginning

    private func lookOnLoop() {
        guard case .opening = state else { return }
        switch segment {
        case .none: passThroughOnLoop()
        case .stored(_, _, let head): respondOnLoop(head)
        case .filling(let index, let fill, _): lookOnLoop(at: fill, index)
        }
    }

    private func lookOnLoop(at fill: Fill, _ index: Int) {
        switch fill.phase {
        case .awaitingHead: break
        case .streaming(let head), .complete(let head):
            if let version = head.slice {
                respondOnLoop(SliceHead(head: head, version: version, result: .miss))
            } else {
                waitOnLoop(for: fill)
            }
        case .inStore(let result):
            guard reopenOnLoop(index) else { return passThroughOnLoop() }
            if case .stored(_, let object, let head) = segment {
                segment = .stored(index: index, object, head.with(result))
            }
            lookOnLoop()
        case .serveStale(let failure):
            if openExpiredOnLoop(index) { lookOnLoop() } else { failOnLoop(failure) }
        case .continued(let whole): waitOnLoop(for: whole)
        case .wholeWanted, .sliced: fetchWholeOnLoop()
        case .released: passThroughOnLoop()
        case .failed(let failure): failOnLoop(failure)
        case .broken: failOnLoop(.brokeOff)
        }
    }

    private func respondOnLoop(_ slice: SliceHead) {
        let total = slice.version.total
        var head = slice.head
        head.status = HTTPStatus.ok.code
        head.length = total
        let request = ConditionalRequest(exchange, maximumRanges: handler.core.maximumRanges)
        if head.playlistGrant(exchange, route) != nil { return fetchWholeOnLoop() }
        let plan = head.withRepresentation(length: total) { request.plan(for: $0) }
        var range = 0..<total
        switch plan {
        case .part(let part): range = part
        case .whole where total <= handler.core.objectBytes: return fetchWholeOnLoop()
        case .parts: return passThroughOnLoop()
        default: break
        }
        if slice.result == .miss, total <= handler.core.fillLimits.wholeBytes {
            handler.preferWholeOnLoop(key)
            guard contains(range) else { return fetchWholeOnLoop() }
            handler.fetchWholeOnLoop(nil, route: route, key: key, reason: reason)
        }
        stopHedgeOnLoop()
        version = slice.version
        state = .streaming(position: range.lowerBound, end: range.upperBound)
        handler.startFilledResponseOnLoop(
            exchange, route: route, head: head, length: total, plan: plan,
            served: Served(slice.result, forward: reason), source: self)
    }

    /// Whether the slice at hand is all that is wanted.
    private func contains(_ range: Range<Int>) -> Bool {
        guard let index = segment.index else { return false }
        return (index * sliceBytes..<(index + 1) * sliceBytes).contains(range)
    }

    // MARK: Leaving it to others

    /// An error, or the whole object, comes in place of the slice.
    private func waitOnLoop(for fill: Fill) {
        leaveOnLoop { [route, reason] in $0.waitOnLoop($1, route: route, for: fill, reason: reason) }
    }

    private func fetchWholeOnLoop() {
        leaveOnLoop { [route, key, reason] in $0.fetchWholeOnLoop($1, route: route, key: key, reason: reason) }
    }

    private func passThroughOnLoop() {
        leaveOnLoop { [route, key, reason] in $0.passThroughOnLoop($1, route: route, target: key, reason: reason) }
    }

    private func failOnLoop(_ failure: FillFailure) {
        leaveOnLoop { [route] in $0.failOnLoop($1, route: route, failure) }
    }

    private func leaveOnLoop(_ answer: (EdgeHandler, Exchange) -> Void) {
        endOnLoop()
        if exchange.isEnded { return }
        exchange.observer = nil
        answer(handler, exchange)
    }

    // MARK: Ending

    func endOnLoop() {
        state = .ended
        closeOnLoop()
    }

    func cancelledOnLoop() {
        endOnLoop()
    }

    func abandonedOnLoop(_ exchange: Exchange) {
        endOnLoop()
    }
}

extension SliceClient.Segment {
    var index: Int? {
        switch self {
        case .none: nil
        case .stored(let index, _, _), .filling(let index, _, _): index
        }
    }
}

/// What a slice says about the whole object.
struct SliceHead {
    let head: FilledHead
    let version: SliceVersion
    let result: CacheResult
}

extension Range<Int> {
    fileprivate func contains(_ other: Range<Int>) -> Bool {
        lowerBound <= other.lowerBound && other.upperBound <= upperBound
    }
}
