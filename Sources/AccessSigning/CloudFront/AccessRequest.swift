public import HTTPWire

/// What an access check looks at: views of the request's bytes, valid for the duration of the call.
public struct AccessRequest {
    /// Whether the client's connection is TLS, hence scheme `https`.
    public var isTLS: Bool
    /// The `Host` field as sent, port included.
    public var host: UnsafeRawBufferPointer
    /// The path as sent, still percent-encoded.
    public var path: UnsafeRawBufferPointer
    /// The query as sent, without `?`; nil if there is none.
    public var query: UnsafeRawBufferPointer?
    /// The value of the `Cookie` field, if there is exactly one.
    public var cookieField: UnsafeRawBufferPointer?
    /// The TCP peer; nil if it has no address, and then no `IpAddress` condition admits it.
    public var peer: IPAddress?
    /// The time, in seconds since 1970.
    public var nowEpochSeconds: Int64

    /// A view of a request.
    public init(
        isTLS: Bool, host: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?,
        cookieField: UnsafeRawBufferPointer?, peer: IPAddress?, nowEpochSeconds: Int64
    ) {
        self.isTLS = isTLS
        self.host = host
        self.path = path
        self.query = query
        self.cookieField = cookieField
        self.peer = peer
        self.nowEpochSeconds = nowEpochSeconds
    }
}
