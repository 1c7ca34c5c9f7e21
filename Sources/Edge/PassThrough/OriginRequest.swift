import Bytes
import EventLoop
import HTTPServer
import HTTPWire
import Telemetry

/// The header fields of requests to an origin.
enum OriginRequest {
    /// Of a fill: nothing of any client's, for its answer is for everybody.
    static func headersOfFill() -> Headers {
        ["Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "weir-edge", "Via": "1.1 weir"]
    }

    /// Of a client's request that is passed through: its own fields but those of the connection and of signed access, as
    /// far as the origin request policy forwards them, and who it is.
    static func headers(passing exchange: Exchange, _ route: Route) -> Headers {
        let received = Headers(exchange.head.fields, in: exchange.headBytes)
        let named = ResponseFields.namedByConnection(received)
        var headers = Headers()
        for field in received {
            let name = ASCII.lowercased(field.name)
            if ResponseFields.hopByHop.contains(name) || named.contains(name) || replaced.contains(name) { continue }
            guard isForwarded(name, route) else { continue }
            headers.add(field.name, field.value)
        }
        if let cookies = cookies(of: received, route) { headers.set("Cookie", cookies.fieldValue) }
        if PlaylistGrant.isAwaited(exchange, route) {
            for name in PlaylistGrant.partialRequestFields { headers.remove(name) }
        }
        if let count = exchange.maxForwards { headers.set("Max-Forwards", "\(count - 1)") }
        let client = exchange.peer.ip
        let before = received.joined("x-forwarded-for").map { "\($0), " } ?? ""
        headers.set("X-Forwarded-For", before + client)
        headers.set("X-Forwarded-Proto", exchange.isTLS ? "https" : "http")
        if let host = exchange.head.host?.string(in: exchange.headBytes) { headers.set("X-Forwarded-Host", host) }
        headers.set("X-Request-Id", exchange.requestID.description)
        headers.add("Via", "1.\(exchange.head.minorVersion) weir")
        return headers
    }

    /// Fields that say what is asked or sent go with every request; the others as the policy says, if there is one.
    private static func isForwarded(_ name: String, _ route: Route) -> Bool {
        guard route.page == nil else { return !isCondition(name) }
        guard let policy = route.behavior.originRequest else { return true }
        if asked.contains(name) || name.hasPrefix("content-") || RequestFieldName.isEdges(name) { return true }
        return Array(name.utf8).withUnsafeBytes { policy.headers.includes($0) }
            || route.behavior.keyFields?.covers(name) == true
    }

    /// Of another request's response than the one a page takes the place of.
    private static func isCondition(_ name: String) -> Bool { name == "range" || name.hasPrefix("if-") }

    private static func cookies(of received: Headers, _ route: Route) -> ForwardedCookies? {
        guard let policy = route.behavior.originRequest else { return ForwardedCookies(received) }
        let keyed = route.behavior.keyFields?.cookies ?? .none
        return ForwardedCookies(received) { policy.cookies.includes($0) || keyed.includes($0) }
    }

    private static let asked: Set<String> = ["accept", "accept-encoding", "traceparent", "tracestate", "user-agent"]

    private static let replaced: Set<String> = [
        "host", "expect", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id", "forwarded",
        "cookie",
    ]
}
