import AccessLog
import AccessSigning
import Bytes
import HTTPServer
import HTTPWire

/// Answers that need neither store nor origin.
extension EdgeHandler {
    func refuseOnLoop(_ exchange: Exchange, route: Route?, _ status: HTTPStatus, _ reason: String) {
        exchange.detail =
            (status == .methodNotAllowed ? DetailedResultType.invalidRequestMethod : .invalidRequest).rawValue
        exchange.answerOnLoop(status, reason, policy: route?.responseHeaders) { writer in
            if status == .methodNotAllowed, let route {
                let methods = route.behavior.allowedMethods.map(\.name).joined(separator: ", ")
                writer.field("Allow", string: methods)
            }
        }
    }

    /// What the edge itself can do, asked of it rather than of an origin (RFC 9110 §9.3.7, §7.6.2).
    func answerOptionsOnLoop(_ exchange: Exchange, methods: [HTTPMethod], policy: ResponseHeadersPolicy?) {
        exchange.respondOnLoop(status: .noContent) { writer in
            writer.field("Allow", string: methods.map(\.name).joined(separator: ", "))
            exchange.writeEdgeFields(to: &writer, Served(.none), policy: policy, status: HTTPStatus.noContent.code)
        }
    }

    /// CloudFront's answer to a missing or wrong signature, with the fields a player's script needs to see it.
    func denyOnLoop(_ exchange: Exchange, route: Route, _ denial: AccessDenial) {
        exchange.tag = CacheResult.error.rawValue
        core.metrics.denied(denial.code.rawValue)
        core.log.denied(exchange, reason: denial.reason.rawValue)
        if servePageOnLoop(exchange, route, insteadOf: denial.status) { return }
        let body = UnsafeRawBufferPointer(start: denial.body.utf8Start, count: denial.body.utf8CodeUnitCount)
        exchange.respondOnLoop(status: .forbidden, body: body) { writer in
            writer.field("Content-Type", AccessDenial.contentType)
            exchange.writeEdgeFields(
                to: &writer, Served(.error), policy: route.responseHeaders, status: denial.status)
        }
    }

    /// A browser's question before a cross-origin request (Fetch standard); it never carries cookies, so it is answered
    /// before signatures are looked at. False when this is no such question.
    func answerPreflightOnLoop(_ exchange: Exchange, route: Route) -> Bool {
        guard let rules = route.responseHeaders?.cors, exchange.field(.origin) != nil,
            exchange.field(.accessControlRequestMethod) != nil
        else { return false }
        exchange.respondOnLoop(status: .noContent) { writer in
            writer.field("Access-Control-Allow-Methods", string: rules.methods)
            // A star is a name like any other where cookies travel (Fetch standard), so what was asked for is named.
            if rules.headers == "*", let wanted = exchange.field(.accessControlRequestHeaders) {
                writer.field("Vary", "Access-Control-Request-Headers")
                writer.field("Access-Control-Allow-Headers", wanted)
            } else {
                writer.field("Access-Control-Allow-Headers", string: rules.headers)
            }
            writer.field("Access-Control-Max-Age", decimal: rules.maxAgeSeconds)
            exchange.writeEdgeFields(
                to: &writer, Served(.none), policy: route.responseHeaders, status: HTTPStatus.noContent.code)
        }
        return true
    }

    /// A request without TLS where the behavior wants it: sent to https, or refused. The method stays what it is: 308 where
    /// 301 would turn it into a GET.
    func answerPlainOnLoop(_ exchange: Exchange, route: Route) {
        let bytes = exchange.headBytes
        guard route.behavior.viewerProtocol == .redirectToHTTPS,
            let host = exchange.head.host.flatMap({ HostName.withoutPort($0.string(in: bytes)) })
        else { return refuseOnLoop(exchange, route: route, .forbidden, "This path needs https.") }
        exchange.tag = CacheResult.redirect.rawValue
        let query = exchange.head.query.map { "?" + $0.string(in: bytes) } ?? ""
        let port = core.redirectPort == 443 ? "" : ":\(core.redirectPort)"
        let location = "https://\(host)\(port)\(exchange.head.path.string(in: bytes))\(query)"
        let isRead = exchange.head.method == .get || exchange.isHead
        let status = isRead ? HTTPStatus.movedPermanently : .permanentRedirect
        exchange.respondOnLoop(status: status) { writer in
            writer.field("Location", string: location)
            exchange.writeEdgeFields(
                to: &writer, Served(.redirect), policy: route.responseHeaders, status: status.code)
        }
    }

    /// A request that has been here before would wait for itself (RFC 8586). False when it is no such request.
    func refuseLoopOnLoop(_ exchange: Exchange, route: Route) -> Bool {
        guard core.loopMark.isLoop(exchange.loopMarks) else { return false }
        refuseOnLoop(exchange, route: route, HTTPStatus(code: 508), "The request goes in a circle.")
        return true
    }

    func failOnLoop(_ exchange: Exchange, route: Route, _ failure: FillFailure) {
        if let role = route.page { return failPageOnLoop(exchange, route, role) }
        if servePageOnLoop(exchange, route, insteadOf: failure.status) { return }
        exchange.failOnLoop(failure, policy: route.responseHeaders)
    }
}
