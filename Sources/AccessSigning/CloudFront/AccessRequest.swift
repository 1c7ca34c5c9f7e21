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
    /// The TCP peer's IPv4 address in host byte order; nil for IPv6, which no `IpAddress` condition admits.
    public var peerIPv4: UInt32?
    /// The time, in seconds since 1970.
    public var nowEpochSeconds: Int64

    /// A view of a request.
    public init(
        isTLS: Bool, host: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?,
        cookieField: UnsafeRawBufferPointer?, peerIPv4: UInt32?, nowEpochSeconds: Int64
    ) {
        self.isTLS = isTLS
        self.host = host
        self.path = path
        self.query = query
        self.cookieField = cookieField
        self.peerIPv4 = peerIPv4
        self.nowEpochSeconds = nowEpochSeconds
    }

    /// The IPv4 address in 4 network-order bytes, or in 16 when they are an IPv4-mapped IPv6 address; nil otherwise.
    public static func ipv4(_ bytes: [UInt8]) -> UInt32? {
        let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let address: ArraySlice<UInt8>
        switch bytes.count {
        case 4: address = bytes[...]
        case 16 where bytes.starts(with: mappedPrefix): address = bytes[12...]
        default: return nil
        }
        return address.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
