public import EventLoop
public import HTTPWire

/// A request as async handlers see it: everything copied out of the connection, so it may go to any task.
public struct Request: Sendable {
    /// The method, as sent.
    public var method: HTTPMethod
    /// The request target, as sent.
    public var target: String
    /// The target's path, as sent: still percent-encoded. Empty for `OPTIONS *`.
    public var path: String
    /// The target's query without the `?`, as sent; nil without one.
    public var query: String?
    /// The header fields in the order they came.
    public var headers: Headers
    /// The client's address.
    public var peer: SocketAddress
    /// The address the listener is bound to.
    public var local: SocketAddress
    /// Whether the connection is encrypted.
    public var isTLS: Bool
    /// Identifies the request in logs and in `X-Request-Id`.
    public var requestID: String
    /// What the router's pattern captured, percent-decoded.
    public var parameters: [String: String] = [:]
    /// The body, read at the handler's pace. `100 Continue` goes out when it is first asked for.
    public var body: RequestBody
    /// What was understood of the body before the request was handed on; nil where nobody has looked.
    public var content: (any Sendable)?

    /// Makes a request that came from no socket, for calling handlers directly.
    public init(
        method: HTTPMethod, target: String, headers: Headers = Headers(), body: [UInt8] = [],
        peer: SocketAddress, isTLS: Bool = false, requestID: String = ""
    ) {
        self.method = method
        self.target = target
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        query = parts.count == 2 ? String(parts[1]) : nil
        self.headers = headers
        self.peer = peer
        local = peer
        self.isTLS = isTLS
        self.requestID = requestID
        self.body = RequestBody(body)
    }

    /// What the router captured under `name`; empty if the pattern has no such parameter.
    public subscript(parameter name: String) -> String {
        parameters[name] ?? ""
    }
}
