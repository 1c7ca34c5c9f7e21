import Bytes
import CacheRules
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import Telemetry
import Transport

/// Relays one response from an origin to one client as it arrives: nothing is collected, a slow client slows the origin,
/// and events flow without delay.
///
/// With `startOnLoop` it also sends the request; adopted by a fill it only takes over the response.
final class PassThrough: ResponseReceiver, BodySource, ExchangeObserver {
    private let exchange: Exchange
    private let route: Route
    /// Why the client's request goes to the origin.
    private let reason: CacheStatus.Forward
    private let detail: CacheStatus.Detail?
    /// What the client asked for; nil for a response that a fill brought.
    private let target: [UInt8]?
    private let handler: EdgeHandler?
    /// A response that waits until what it makes invalid is.
    private var held: ClientResponseHead?
    private var hasEndedHeld = false
    private var origin: UpstreamExchange?
    private var pending = GrowableBuffer()
    private var state = State.awaitingHead
    private var isPaused = false

    private enum State {
        case awaitingHead
        case streaming
        case complete
        case broken
        case ended
    }

    /// Bytes held for a client that does not take them; then the origin is no longer read.
    private static let highWater = 262_144

    private init(
        _ exchange: Exchange, route: Route, target: [UInt8]? = nil, reason: CacheStatus.Forward,
        detail: CacheStatus.Detail? = nil, handler: EdgeHandler? = nil
    ) {
        self.exchange = exchange
        self.route = route
        self.target = target
        self.reason = reason
        self.detail = detail
        self.handler = handler
    }

    /// Asks the origin what the client asked, body included.
    static func startOnLoop(
        _ exchange: Exchange, route: Route, target: [UInt8], reason: CacheStatus.Forward, detail: CacheStatus.Detail?,
        handler: EdgeHandler
    ) {
        let relay = PassThrough(
            exchange, route: route, target: target, reason: reason, detail: detail, handler: handler)
        let body: ClientRequest.Body =
            switch exchange.head.framing {
            case .none: .none
            case .length(let length): .stream(length: length)
            case .chunked: .stream(length: nil)
            }
        exchange.tag = CacheResult.pass.rawValue
        exchange.observer = relay
        let request = UpstreamRequest(
            method: exchange.head.method, target: target, headers: OriginRequest.headers(passing: exchange, route),
            body: body,
            trace: handler.upstream.traceOnLoop(of: exchange),
            acceptsTrailers: exchange.acceptsTrailers)
        let origin = handler.upstream.startOnLoop(request, route: route, receiver: relay)
        relay.origin = origin
        if case .stream = body { exchange.readBodyOnLoop(into: UploadRelay(exchange, origin: origin)) }
    }

    /// Takes over a response whose head a fill has found to be for this client alone. The fill forwards the events.
    static func adoptOnLoop(
        _ origin: UpstreamExchange, for exchange: Exchange, route: Route, reason: CacheStatus.Forward
    ) -> PassThrough {
        let relay = PassThrough(exchange, route: route, reason: reason)
        relay.origin = origin
        exchange.tag = CacheResult.pass.rawValue
        exchange.observer = relay
        return relay
    }

    // MARK: ResponseReceiver

    func informationalOnLoop(_ response: ClientResponseHead) {
        if let hint = InterimHead(response) { exchange.relayOnLoop(hint) }
    }

    func headOnLoop(_ response: ClientResponseHead) {
        guard !exchange.isEnded else { return giveUpOnLoop() }
        if let handler, answerOtherwiseOnLoop(response.status.code, handler) { return }
        if let handler, let target {
            handler.compareHeadOnLoop(response, to: exchange, route: route, target: target)
            let keys = handler.invalidatedKeys(by: response, to: exchange, route: route, target: target)
            if !keys.isEmpty { return holdOnLoop(response, until: keys, handler) }
        }
        sendHeadOnLoop(response)
    }

    /// A page in place of an error, or the error that a page should have stood for. False if the response is to be sent.
    private func answerOtherwiseOnLoop(_ status: Int, _ handler: EdgeHandler) -> Bool {
        let failed = route.page.flatMap { status == HTTPStatus.ok.code ? nil : $0 }
        guard failed != nil || route.hasPage(for: status, exchange) else { return false }
        giveUpOnLoop()
        exchange.observer = nil
        if let failed {
            handler.failPageOnLoop(exchange, route, failed)
        } else {
            _ = handler.servePageOnLoop(exchange, route, insteadOf: status)
        }
        return true
    }

    /// Keeps the response back until nobody finds the old one any more: who has changed something must see the change.
    private func holdOnLoop(_ response: ClientResponseHead, until keys: [[UInt8]], _ handler: EdgeHandler) {
        held = response
        let relay = LoopBound(self, loop: exchange.loop)
        handler.core.invalidate(keys) { relay.loop.submit { relay.valueOnLoop.releaseOnLoop() } }
    }

    private func releaseOnLoop() {
        guard let response = held, case .awaitingHead = state else { return }
        held = nil
        guard !exchange.isEnded else { return giveUpOnLoop() }
        sendHeadOnLoop(response)
        if isPaused, case .streaming = state {
            isPaused = false
            origin?.resumeOnLoop()
        }
        if hasEndedHeld { endOnLoop() }
    }

    private func sendHeadOnLoop(_ response: ClientResponseHead) {
        let hasBody = !exchange.isHead && !response.status.forbidsBody
        state = hasBody ? .streaming : .ended
        let policy = route.responseHeaders
        let block = ResponseFields.passing(response.headers, policy: policy)
        let grant = PlaylistGrant.passing(response, to: exchange, route, block: block)
        let announced = response.headers.first("Content-Length").flatMap { ASCII.parseDecimal($0) }
        let known = exchange.isHead ? announced.flatMap { Int(exactly: $0) } : response.length
        let length = grant == nil ? known : nil
        let trailers = length == nil && exchange.acceptsTrailers ? response.headers.values("Trailer") : []
        let status = route.page.map { HTTPStatus(code: $0.responseCode) } ?? response.status
        let source: any BodySource = grant.map { GrantedPlaylistSource(self, $0) } ?? self
        exchange.startResponseOnLoop(status: status, length: length, source: source) { writer in
            block.withUnsafeBytes { block in
                if let grant { return grant.writeFields(block, plan: .whole, to: &writer) }
                if let page = route.page {
                    page.writeFields(block, policy: policy, to: &writer)
                } else {
                    writer.buffer.append(block)
                }
            }
            for names in trailers { writer.field("Trailer", string: names) }
            var served = Served(.pass, forward: reason)
            served.detail = detail
            block.withUnsafeBytes {
                exchange.writeEdgeFields(to: &writer, served, policy: policy, status: status.code, besides: $0)
            }
        }
    }

    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        if held == nil {
            guard case .streaming = state else { return .more }
        }
        pending.append(bytes)
        if held == nil { exchange.resumeResponseOnLoop() }
        isPaused = pending.count >= Self.highWater
        return isPaused ? .pause : .more
    }

    func trailersOnLoop(_ trailers: Headers) {
        if exchange.acceptsTrailers { exchange.trailers = trailers }
    }

    func endOnLoop() {
        origin = nil
        hasEndedHeld = held != nil
        guard case .streaming = state else { return }
        state = .complete
        exchange.resumeResponseOnLoop()
    }

    func failedOnLoop(_ error: ClientError) {
        origin = nil
        if case .ended = state { return }
        if case .awaitingHead = state {
            state = .ended
            exchange.observer = nil
            let failure = FillFailure(error)
            if let handler { return handler.failOnLoop(exchange, route: route, failure) }
            exchange.failOnLoop(failure, policy: route.responseHeaders)
        } else {
            state = .broken
            exchange.resumeResponseOnLoop()
        }
    }

    func readyForBodyOnLoop() {
        exchange.resumeBodyOnLoop()
    }

    // MARK: BodySource

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        while !pending.isEmpty {
            let offered = pending.count
            let accepted = writer.write(pending.readable)
            pending.consume(accepted)
            if accepted < offered { return .more }
        }
        switch state {
        case .complete:
            state = .ended
            return .finished
        case .broken, .ended: return .failed
        case .awaitingHead, .streaming: break
        }
        if isPaused {
            isPaused = false
            origin?.resumeOnLoop()
        }
        return .wait
    }

    /// Also called at once for a response without a body, which is no reason to give up the origin's connection.
    func cancelledOnLoop() {
        if case .ended = state { return }
        giveUpOnLoop()
    }

    func abandonedOnLoop(_ exchange: Exchange) {
        giveUpOnLoop()
    }

    private func giveUpOnLoop() {
        state = .ended
        origin?.cancelOnLoop()
        origin = nil
    }
}

/// Carries a request body to the origin at the origin's pace.
private final class UploadRelay: BodySink {
    private let exchange: Exchange
    private let origin: UpstreamExchange

    init(_ exchange: Exchange, origin: UpstreamExchange) {
        self.exchange = exchange
        self.origin = origin
    }

    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        origin.writeBodyOnLoop(bytes)
    }

    func endOnLoop() {
        origin.finishBodyOnLoop()
    }

    /// A body the client cannot finish is not a request: the origin must not take the part for the whole.
    func failedOnLoop(_ error: RequestBodyError) {
        if error != .exchangeEnded { origin.cancelOnLoop() }
    }
}
