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

    /// Of a client's request that is passed through: its own fields but those of the connection, and who it is.
    static func headers(passing exchange: Exchange) -> Headers {
        let received = Headers(exchange.head.fields, in: exchange.headBytes)
        let named = ResponseFields.namedByConnection(received)
        var headers = Headers()
        for field in received {
            let name = ASCII.lowercased(field.name)
            if ResponseFields.hopByHop.contains(name) || named.contains(name) || replaced.contains(name) { continue }
            headers.add(field.name, field.value)
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

    private static let replaced: Set<String> = [
        "host", "expect", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id", "forwarded",
    ]
}
