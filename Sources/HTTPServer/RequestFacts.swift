/// What an access log says of a request, asked for at once: each question to a connection costs two atomic operations.
public struct RequestFacts {
    /// The bytes of the request head; see `Exchange.headBytes`.
    public var headBytes: UnsafeRawBufferPointer
    /// Bytes of the request so far: its head, as text even where the version compresses it, and its body.
    public var requestBytes: Int
    /// The version of HTTP, such as `HTTP/1.1`.
    public var httpVersion: StaticString
}

/// What an access log says of a connection's TLS. Pointers are valid as long as the connection.
public struct TLSFacts {
    /// The version of TLS, such as `TLSv1.3`.
    public var version: UnsafeRawBufferPointer
    /// The cipher suite by OpenSSL's name.
    public var cipher: UnsafeRawBufferPointer
}
