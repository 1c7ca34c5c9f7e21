public import EventLoop

/// Limits of a client on one loop.
public struct HTTPClientConfiguration: Sendable {
    /// Which addresses may be connected to, asked about each when it is about to be; the default is all. Called on the loop, so it
    /// must not block.
    public var mayConnect: @Sendable (SocketAddress) -> Bool = { _ in true }
    /// Most connections to one endpoint; further requests wait. Default 64.
    public var maxConnectionsPerEndpoint = 64
    /// Most of them for requests with a streamed body, whose sender decides how long they take. Default 48.
    public var maxUploadsPerEndpoint = 48
    /// Most requests waiting for a connection to one endpoint, those with a streamed body counted apart; beyond it they fail
    /// as overloaded. Default 1,024.
    public var maxWaitingPerEndpoint = 1_024
    /// Most connections to one endpoint that are kept unused. Default 32.
    public var maxIdlePerEndpoint = 32
    /// Requests after which a connection is closed. Default 10,000.
    public var maxRequestsPerConnection = 10_000
    /// Age at which a connection is closed once its request is over. Default 10 min.
    public var maxConnectionAge = Duration.seconds(600)
    /// How often the name of an endpoint with connections is resolved again; connections to addresses it no longer has
    /// are closed once unused. Default 10 s.
    public var resolveInterval = Duration.seconds(10)
    /// How long an unused connection is kept. Shorter than servers usually keep theirs, so that few die under a request.
    /// Default 15 s.
    public var keepAliveTimeout = Duration.seconds(15)
    /// Endpoints whose newest TLS session is kept, so that the next connection resumes it; 0 resumes none. Default 256.
    public var maxTLSSessions = 256
    /// How long after a server's certificate was verified a session may be resumed without looking at it again. Default 1 h.
    public var maxTLSSessionAge = Duration.seconds(3_600)
    /// Most bytes of a response head. Default 32,768.
    public var maxHeadBytes = 32_768
    /// Most fields of a response head. Default 256.
    public var maxFields = 256
    /// Most interim (1xx) responses before a final one. Default 8.
    public var maxInterimResponses = 8
    /// Bytes of a streamed request body held before its writer is told to pause. Default 131,072.
    public var bodyHighWater = 131_072

    /// The defaults.
    public init() {}
}
