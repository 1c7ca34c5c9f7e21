/// Why a request failed, with what a proxy needs in order to decide what to do about it.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// What went wrong. New kinds may be added.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The kind in one word, as logs and metrics have it.
        public let description: String

        /// Method, target or host cannot be written into a request, for example because of a space or a line break.
        public static let malformedRequest = Kind(description: "malformed_request")
        /// The host's name could not be resolved.
        public static let resolution = Kind(description: "resolution")
        /// No address of the host accepted a connection.
        public static let connection = Kind(description: "connection")
        /// No address of the host may be connected to.
        public static let addressRefused = Kind(description: "address_refused")
        /// No connection was made within the connect timeout.
        public static let connectTimeout = Kind(description: "connect_timeout")
        /// Every connection to the endpoint was in use for the whole connect timeout.
        public static let queueTimeout = Kind(description: "queue_timeout")
        /// The TLS handshake failed, for example because the certificate is not trusted.
        public static let tls = Kind(description: "tls")
        /// Too many requests wait for a connection to the endpoint.
        public static let overloaded = Kind(description: "overloaded")
        /// The connection ended before any byte of the response.
        public static let closedBeforeResponse = Kind(description: "closed_before_response")
        /// No response head came within the response timeout.
        public static let responseTimeout = Kind(description: "response_timeout")
        /// The body stood still for the idle timeout.
        public static let idleTimeout = Kind(description: "idle_timeout")
        /// The response is not valid HTTP, or its head exceeds the limits.
        public static let malformedResponse = Kind(description: "malformed_response")
        /// The connection ended in the middle of a head or before the announced end of a body.
        public static let truncated = Kind(description: "truncated")
        /// The request body failed, or did not have its announced length.
        public static let requestBody = Kind(description: "request_body")
        /// `ClientResponseBody.collect(upTo:)` met more bytes than it may hold.
        public static let tooLarge = Kind(description: "too_large")
        /// The caller gave the request up.
        public static let cancelled = Kind(description: "cancelled")
    }

    /// Whose fault it is, as far as this end can tell.
    public enum Side: Sendable {
        /// The server we called, or the way to it.
        case upstream
        /// The caller of this client.
        case caller
        /// This process's own limits.
        case own
    }

    /// Whether the same request may be sent again.
    public enum Retry: Sendable {
        /// Nothing of it was processed.
        case yes
        /// It may have been processed, or would fail again.
        case no
        /// It went out on a kept connection that had probably died before: sending it on a new one is safe if the method is
        /// idempotent. The client has done so itself where it could.
        case onlyIfReused
    }

    /// What went wrong.
    public var kind: Kind
    /// Whose fault it is.
    public var side: Side
    /// Whether to try again.
    public var retry: Retry
    /// For people: names host, port and reason.
    public var message: String

    /// Puts the parts together.
    public init(kind: Kind, side: Side, retry: Retry, message: String) {
        self.kind = kind
        self.side = side
        self.retry = retry
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
