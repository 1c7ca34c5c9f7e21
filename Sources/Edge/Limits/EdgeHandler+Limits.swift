import EventLoop
import HTTPServer
import HTTPWire

/// Requests beyond a limit of their behavior.
extension EdgeHandler {
    /// Answers a request whose client address asks too often. False when it may go on.
    func refuseHastyAddressOnLoop(_ exchange: Exchange, route: Route, _ limits: RouteLimits) -> Bool {
        let verdict = limits.request(ofAddress: addressKey(of: exchange), at: loop.nowNanoseconds)
        return refusesOnLoop(exchange, route: route, verdict)
    }

    /// Answers a request whose grant, if it has one, is used too often or from too many addresses. False when it may go on;
    /// the body of its response then keeps to its bandwidth.
    func refuseHastyGrantOnLoop(
        _ exchange: Exchange, route: Route, _ limits: RouteLimits, _ grant: UInt64?
    ) -> Bool {
        let address = addressKey(of: exchange)
        if let grant {
            let verdict = limits.request(ofGrant: grant, fromAddress: address, at: loop.nowNanoseconds)
            if refusesOnLoop(exchange, route: route, verdict) { return true }
        }
        if limits.rules.watchBodies {
            exchange.throttle = connection(of: exchange).bodyLimiter(
                loop: loop, limits: limits, grant: grant, address: address)
        }
        return false
    }

    private func refusesOnLoop(_ exchange: Exchange, route: Route, _ verdict: RouteLimits.Verdict) -> Bool {
        guard case .beyond(let kind, let seconds) = verdict else { return false }
        exchange.tag = CacheResult.limitExceeded.rawValue
        let text = kind.refusal
        let body = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        exchange.respondOnLoop(status: HTTPStatus(code: 429), body: body) { writer in
            writer.field("Content-Type", "text/xml")
            writer.field("Cache-Control", "no-store")
            writer.field("Retry-After", decimal: seconds)
            exchange.writeEdgeFields(
                to: &writer, Served(.limitExceeded), policy: route.responseHeaders, status: 429)
        }
        return true
    }

    private func addressKey(of exchange: Exchange) -> UInt64 {
        connection(of: exchange).addressKey(exchange.peer)
    }
}

extension LimitKind {
    /// The body of a refusal, in the form of CloudFront's.
    fileprivate var refusal: StaticString {
        switch self {
        case .requestsPerAddress, .requestsPerGrant, .bandwidthPerResponse, .bandwidthPerGrant:
            """
            <?xml version="1.0" encoding="UTF-8"?><Error><Code>LimitExceeded</Code><Message>Too many requests\
            </Message></Error>
            """
        case .streamsPerGrant:
            """
            <?xml version="1.0" encoding="UTF-8"?><Error><Code>LimitExceeded</Code><Message>Too many concurrent streams\
            </Message></Error>
            """
        }
    }
}
