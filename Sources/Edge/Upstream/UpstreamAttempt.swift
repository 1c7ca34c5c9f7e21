import EventLoop
import HTTPClient
import HTTPWire
import Tracing
import Transport

/// One attempt at one server: tells the server's health how it went, and the exchange what comes, until the exchange
/// has no use for it any more. Loop-confined.
final class UpstreamAttempt: ResponseReceiver {
    private(set) var exchange: ClientExchange?
    private let server: OriginServer
    private let upstream: Upstream
    /// `nil` once abandoned.
    private var parent: UpstreamExchange?
    private var isUnderWay = false
    private var discarded = 0
    private var startedNanoseconds: UInt64 = 0
    private var span: AttemptSpan?

    /// What is read of a response nobody wants, so that its connection can be kept.
    private static let discardLimit = 65_536

    init(of parent: UpstreamExchange, server: OriginServer, upstream: Upstream, span: AttemptSpan?) {
        self.span = span
        self.parent = parent
        self.server = server
        self.upstream = upstream
    }

    func startOnLoop(_ request: ClientRequest) {
        isUnderWay = true
        startedNanoseconds = upstream.loop.nowNanoseconds
        server.health.attemptStarted()
        exchange = upstream.client.startOnLoop(request, receiver: self)
    }

    /// The exchange goes on without this response; a short one is read to its end.
    func abandonOnLoop() {
        parent = nil
    }

    func cancelOnLoop() {
        parent = nil
        exchange?.cancelOnLoop()
        finish(failure: "cancelled")
    }

    // MARK: ResponseReceiver

    func informationalOnLoop(_ head: ClientResponseHead) {
        parent?.informationalOnLoop(head)
    }

    func headOnLoop(_ head: ClientResponseHead) {
        upstream.metrics.originAnswered(
            server.health.origin, status: head.status.code, afterNanoseconds: elapsedNanoseconds)
        span?.status = head.status.code
        if head.status.saysServerCannotWork {
            upstream.failedOnLoop(server.health)
        } else {
            upstream.succeededOnLoop(server.health)
        }
        parent?.headOnLoop(head)
    }

    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        if let parent { return parent.bodyOnLoop(bytes) }
        discarded += bytes.count
        if discarded > Self.discardLimit { cancelOnLoop() }
        return .more
    }

    func trailersOnLoop(_ trailers: Headers) {
        parent?.trailersOnLoop(trailers)
    }

    func endOnLoop() {
        upstream.metrics.originFinished(server.health.origin, afterNanoseconds: elapsedNanoseconds)
        finish()
        takeParent()?.endOnLoop()
    }

    func failedOnLoop(_ error: ClientError) {
        finish(failure: error.kind.description)
        if error.side == .upstream { upstream.failedOnLoop(server.health) }
        takeParent()?.failedOnLoop(error)
    }

    func readyForBodyOnLoop() {
        parent?.readyForBodyOnLoop()
    }

    private var elapsedNanoseconds: UInt64 { upstream.loop.nowNanoseconds - startedNanoseconds }

    private func finish(failure: String? = nil) {
        exchange = nil
        guard isUnderWay else { return }
        isUnderWay = false
        if let span { upstream.tracer?.recordOnLoop(span.ended(failure: failure)) }
        server.health.attemptEnded()
    }

    private func takeParent() -> UpstreamExchange? {
        defer { parent = nil }
        return parent
    }
}

extension HTTPStatus {
    /// Statuses with which a server, or a proxy before it, says that it cannot serve at all.
    fileprivate var saysServerCannotWork: Bool { (502...504).contains(code) }
}
