public import HTTPWire

/// A request to a server of somebody else's.
public struct WebRequest: Sendable, Equatable {
    /// Where to.
    public let address: HTTPURL
    /// Header fields besides those that every request has; none has a line break.
    public var headers: [Header]
    /// A form to post; nil for a GET.
    public let form: Query?

    /// A header field.
    public struct Header: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its value.
        public let value: String

        /// A field.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A request.
    public init(_ address: HTTPURL, headers: [Header] = [], form: Query? = nil) {
        self.address = address
        self.headers = headers
        self.form = form
    }
}

/// What a server answered, whatever its status.
public struct WebAnswer: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// The body, whole.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why there is no answer. Holds nothing of the request's form or fields.
public struct WebFetchFailed: Error, Sendable, Equatable, CustomStringConvertible {
    /// Host and port.
    public let server: String
    /// One line.
    public let reason: String

    /// A failure.
    public init(server: String, reason: String) {
        self.server = server
        self.reason = reason
    }

    /// One line for a log.
    public var description: String { "\(server) gave no answer: \(reason)" }
}

/// Sends requests to servers of others; tests answer them without a network.
public protocol WebFetching: Sendable {
    /// The answer; throws `WebFetchFailed`, and `BlockingPool.Overloaded` when too many wait.
    func fetch(_ request: WebRequest) async throws -> WebAnswer
}
