/// Where a request is sent. Requests to equal endpoints share connections.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or a numeric address, without brackets.
    public var host: String
    /// The port in host order.
    public var port: UInt16

    /// Names an endpoint.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The value of a `Host` field: without the port if it is the scheme's own, with brackets around an IPv6 address.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }

    /// Host and port, for messages.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    public static func == (left: Endpoint, right: Endpoint) -> Bool {
        left.port == right.port && left.host == right.host
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}
