import Bytes
import HTTPWire

/// What of a request goes to the origin beyond the cache key. What shapes a response without being in its key is the
/// operator's to answer for: the first client's goes for all.
final class OriginRequestPolicy: Sendable {
    let id: String
    /// By lower-case names.
    let headers: NameSelection
    let cookies: NameSelection
    let query: NameSelection

    init(id: String, headers: NameSelection, cookies: NameSelection, query: NameSelection) {
        self.id = id
        self.headers = headers
        self.cookies = cookies
        self.query = query
    }
}

/// Request fields whose meaning is between two neighbours, or which the edge answers for itself.
enum RequestFieldName {
    /// Fields that no policy can put into a key, and why.
    static func problem(inKey name: String) -> String? {
        switch name {
        case "cookie": "is told by CookiesConfig"
        case "authorization": "is never in a key: a request with credentials that the origin sees is passed through"
        case "host": "is the origin's own; a host with a cache of its own is a distribution with Aliases"
        case "accept-encoding": "is told by EnableAcceptEncodingGzip and EnableAcceptEncodingBrotli"
        default: problem(ofAny: name)
        }
    }

    /// Fields that no policy can forward, and why.
    static func problem(forwarded name: String) -> String? {
        switch name {
        case "cookie": "is told by CookiesConfig"
        case "host": "is the origin's own; it gets the client's as X-Forwarded-Host"
        case "accept-encoding": "is the edge's own: it stores what is not coded"
        default: problem(ofAny: name)
        }
    }

    private static func problem(ofAny name: String) -> String? {
        if name.isEmpty || !name.utf8.allSatisfy(HTTPToken.contains) { return "is not the name of a header field" }
        return isEdges(name) ? "is the edge's own to write" : nil
    }

    /// Whether a lower-case name is of a field that the edge writes, answers itself, or that ends at it.
    static func isEdges(_ name: String) -> Bool { edges.contains(name) || name.hasPrefix("x-amz-") }

    private static let edges: Set<String> = [
        "cache-control", "cdn-loop", "connection", "content-length", "expect", "forwarded", "http2-settings",
        "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "max-forwards", "pragma",
        "proxy-authenticate", "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding",
        "upgrade", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id",
    ]
}
