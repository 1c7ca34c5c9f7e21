import EventLoop
import HTTPClient
import HTTPWire
import Telemetry
import Transport

/// One request to an origin with all its attempts, for the caller to steer. Its methods are called on the loop; once the
/// receiver has been told the end, they do nothing.
final class UpstreamExchange: ResponseReceiver {
    private let request: UpstreamRequest
    private let route: Route
    private let upstream: Upstream
    /// `nil` once it has been told the end, or wants to hear no more.
    private var receiver: (any ResponseReceiver)?
    private var current: ClientExchange?
    private var attempts = 0
    private var hasHead = false

    init(_ request: UpstreamRequest, route: Route, upstream: Upstream, receiver: any ResponseReceiver) {
        self.request = request
        self.route = route
        self.upstream = upstream
        self.receiver = receiver
    }

    func attemptOnLoop() {
        attempts += 1
        upstream.metrics.originRequests.add()
        current = upstream.client.startOnLoop(
            route.origin.request(request, epochSeconds: upstream.loop.epochSeconds), receiver: self)
    }

    // MARK: Caller

    /// Whether the receiver has been told the end, or the request was cancelled.
    var isEnded: Bool { receiver == nil }

    /// Continues after the receiver returned `.pause`.
    func resumeOnLoop() {
        current?.resumeOnLoop()
    }

    /// Gives the request up; the receiver hears nothing more.
    func cancelOnLoop() {
        receiver = nil
        current?.cancelOnLoop()
        current = nil
    }

    /// Sends bytes of the request's body; see `ClientExchange.writeBodyOnLoop`.
    func writeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        current?.writeBodyOnLoop(bytes) ?? .pause
    }

    /// Ends the request's body.
    func finishBodyOnLoop() {
        current?.finishBodyOnLoop()
    }

    // MARK: ResponseReceiver

    func informationalOnLoop(_ head: ClientResponseHead) {
        receiver?.informationalOnLoop(head)
    }

    func headOnLoop(_ head: ClientResponseHead) {
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
        upstream.metrics.originFailures.add()
        upstream.log.originFailed(route.origin, path: request.target, error: error)
        if !hasHead, !request.hasBody, route.origin.mayRetry(after: error, attempts: attempts) {
            return attemptOnLoop()
        }
        takeReceiver()?.failedOnLoop(error)
    }

    func readyForBodyOnLoop() {
        receiver?.readyForBodyOnLoop()
    }

    private func takeReceiver() -> (any ResponseReceiver)? {
        defer { receiver = nil }
        current = nil
        return receiver
    }
}
