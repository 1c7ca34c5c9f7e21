import EventLoop
import HTTPClient
import HTTPWire
import Telemetry
import Transport

/// One request to a group of origins with all its attempts, for the caller to steer. Its methods are called on the loop;
/// once the receiver has been told the end, they do nothing.
final class UpstreamExchange {
    private let request: UpstreamRequest
    private let group: OriginGroup
    private let upstream: Upstream
    private var plan: AttemptPlan
    /// Servers of the present member where it has failed.
    private var tried: Set<Int> = []
    /// `nil` once it has been told the end, or wants to hear no more.
    private var receiver: (any ResponseReceiver)?
    private var attempt: UpstreamAttempt?
    private var hasHead = false

    init(_ request: UpstreamRequest, group: OriginGroup, upstream: Upstream, receiver: any ResponseReceiver) {
        self.request = request
        self.group = group
        self.upstream = upstream
        self.receiver = receiver
        plan = group.plan(for: request, at: upstream.loop.nowNanoseconds)
    }

    func startOnLoop() {
        origin.retries.requestStarted()
        attemptOnLoop()
    }

    private var origin: OriginTarget { group.members[plan.member] }

    private func attemptOnLoop() {
        let index = origin.chooseServer(tried: tried, at: upstream.loop.nowNanoseconds)
        tried.insert(index)
        plan.started()
        upstream.metrics.originAsked(origin.id)
        let server = origin.servers[index]
        var request = request
        let span = upstream.tracer.flatMap {
            AttemptSpan(request, to: origin, at: server, tracer: $0, headers: &request.headers)
        }
        let attempt = UpstreamAttempt(of: self, server: server, upstream: upstream, span: span)
        self.attempt = attempt
        attempt.startOnLoop(origin.request(request, to: server, epochSeconds: upstream.loop.epochSeconds))
    }

    // MARK: Caller

    /// Whether the receiver has been told the end, or the request was cancelled.
    var isEnded: Bool { receiver == nil }

    /// Continues after the receiver returned `.pause`.
    func resumeOnLoop() {
        attempt?.exchange?.resumeOnLoop()
    }

    /// Gives the request up; the receiver hears nothing more.
    func cancelOnLoop() {
        receiver = nil
        attempt?.cancelOnLoop()
        attempt = nil
    }

    /// Sends bytes of the request's body; see `ClientExchange.writeBodyOnLoop`.
    func writeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        attempt?.exchange?.writeBodyOnLoop(bytes) ?? .pause
    }

    /// Ends the request's body.
    func finishBodyOnLoop() {
        attempt?.exchange?.finishBodyOnLoop()
    }

    // MARK: The present attempt

    func informationalOnLoop(_ head: ClientResponseHead) {
        receiver?.informationalOnLoop(head)
    }

    func headOnLoop(_ head: ClientResponseHead) {
        let asked = origin
        let step = plan.headArrived(status: head.status.code)
        if step != .giveUp {
            attempt?.abandonOnLoop()
            return continueOnLoop(step, from: asked, after: "status \(head.status.code)")
        }
        hasHead = true
        receiver?.headOnLoop(head)
    }

    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        receiver?.bodyOnLoop(bytes) ?? .more
    }

    func trailersOnLoop(_ trailers: Headers) {
        receiver?.trailersOnLoop(trailers)
    }

    func endOnLoop() {
        takeReceiver()?.endOnLoop()
    }

    func failedOnLoop(_ error: ClientError) {
        let asked = origin
        upstream.metrics.originFailed(asked.id, kind: error.kind.description)
        upstream.log.originFailed(asked.id, path: request.target, error: error)
        let step = hasHead ? .giveUp : plan.failed(AttemptPlan.Failure(error))
        if step == .giveUp {
            takeReceiver()?.failedOnLoop(error)
        } else {
            continueOnLoop(step, from: asked, after: error.kind.description, error)
        }
    }

    func readyForBodyOnLoop() {
        receiver?.readyForBodyOnLoop()
    }

    // MARK: The next one

    private func continueOnLoop(
        _ step: AttemptPlan.Step, from failed: OriginTarget, after reason: String, _ error: ClientError? = nil
    ) {
        var step = step
        if step == .again, !failed.retries.withdraw(at: upstream.loop.nowNanoseconds) {
            upstream.metrics.retryDenied(failed.id)
            step = plan.retryDenied()
        }
        switch step {
        case .again:
            upstream.metrics.retried(failed.id)
        case .failOver:
            tried = []
            origin.retries.requestStarted()
            upstream.metrics.failedOver(failed.id)
            upstream.log.failedOver(from: failed, to: origin, path: request.target, reason: reason)
        case .giveUp:
            if let error { takeReceiver()?.failedOnLoop(error) }
            return
        }
        attemptOnLoop()
    }

    private func takeReceiver() -> (any ResponseReceiver)? {
        defer { receiver = nil }
        attempt = nil
        return receiver
    }
}

extension AttemptPlan.Failure {
    init(_ error: ClientError) {
        switch (error.side, error.retry) {
        case (.upstream, .yes): self = .notSent
        case (.upstream, _): self = .unanswered
        case (.own, _), (.caller, _): self = .own
        }
    }
}
