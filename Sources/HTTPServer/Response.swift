internal import Bytes
public import HTTPWire

/// What an async handler answers. `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the connection's and
/// are ignored among `headers` (but for the `Content-Length` of a HEAD response without a body).
public struct Response: Sendable {
    /// Writes a body into the response; returning ends it, throwing truncates it so that the client can tell.
    public typealias BodyProducer = @Sendable (ResponseBodyWriter) async throws -> Void

    /// The body of a response.
    public enum Body: Sendable {
        /// No bytes.
        case none
        /// Bytes in memory.
        case bytes([UInt8])
        /// Bytes produced as the client takes them; with a length exactly that many. Not called for HEAD.
        case stream(length: Int?, BodyProducer)
    }

    /// The status code.
    public var status: HTTPStatus
    /// The header fields in the order they are sent.
    public var headers: Headers
    /// The body.
    public var body: Body

    /// Puts the parts together.
    public init(status: HTTPStatus, headers: Headers = Headers(), body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response of `bytes` with their content type.
    public init(status: HTTPStatus, contentType: String, bytes: [UInt8]) {
        self.init(status: status, body: .bytes(bytes))
        headers.set("Content-Type", contentType)
    }

    /// The length a handler gave a HEAD response.
    var announcedLength: Int? {
        headers.first("Content-Length").flatMap { ASCII.parseDecimal($0) }.flatMap { Int(exactly: $0) }
    }

    /// Writes the fields that are the handler's.
    func writeFields(into writer: inout HeadWriter) {
        for field in headers where !Self.isOwn(field.name) { writer.field(name: field.name, value: field.value) }
    }

    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: ASCII.equalsIgnoringCase(name, "date")
        case 10: ASCII.equalsIgnoringCase(name, "connection")
        case 14: ASCII.equalsIgnoringCase(name, "content-length")
        case 17: ASCII.equalsIgnoringCase(name, "transfer-encoding")
        default: false
        }
    }

    /// A response of plain text.
    public static func text(_ status: HTTPStatus, _ text: String) -> Response {
        Response(status: status, contentType: "text/plain; charset=utf-8", bytes: [UInt8](text.utf8))
    }
}

/// Answers a request; every failure must become a response.
public typealias AsyncRoute = @Sendable (Request) async -> Response
