public import TLS

/// Where a request is sent. Requests to equal endpoints share connections.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or a numeric address, without brackets.
    public var host: String
    /// The port in host order.
    public var port: UInt16
    /// Encrypts with this context if given; its trust decides which certificates are accepted.
    public var tls: TLSClientContext?
    /// The name the server must prove and is asked for (SNI), if it is not `host`: for one of several servers behind a
    /// name.
    public var serverName: String?

    /// Names an endpoint.
    public init(host: String, port: UInt16, tls: TLSClientContext? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// The value of a `Host` field: without the port if it is the scheme's own, with brackets around an IPv6 address.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (tls == nil ? 80 : 443) ? name : "\(name):\(port)"
    }

    /// Host and port, for messages.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Same host, port, TLS context and server name.
    public static func == (left: Endpoint, right: Endpoint) -> Bool {
        left.port == right.port && left.host == right.host && left.tls === right.tls
            && left.serverName == right.serverName
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
        hasher.combine(tls.map(ObjectIdentifier.init))
    }
}
