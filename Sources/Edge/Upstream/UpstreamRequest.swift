import HTTPClient
import HTTPWire

/// What is asked of an origin. The origin that is chosen adds its own path, host, timeouts and signature.
struct UpstreamRequest {
    var method: HTTPMethod
    /// Path and query as the edge serves them.
    var target: [UInt8]
    var headers: Headers
    var body: ClientRequest.Body = .none
    /// The trace it belongs to, if any.
    var trace: TraceContext?
    /// Whether the client takes trailers.
    var acceptsTrailers = false

    var hasBody: Bool {
        if case .none = body { return false }
        return true
    }
}
