internal import Bytes

/// A request method (RFC 9110 §9); names are case-sensitive.
public enum HTTPMethod: Sendable, Hashable {
    /// `GET`.
    case get
    /// `HEAD`.
    case head
    /// `POST`.
    case post
    /// `PUT`.
    case put
    /// `DELETE`.
    case delete
    /// `OPTIONS`.
    case options
    /// `PATCH`.
    case patch
    /// `PURGE`, which caches understand.
    case purge
    /// Any other token.
    case other(String)

    /// The method of that name.
    public init(_ name: String) {
        var name = name
        self = name.withUTF8 { HTTPMethod(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// The method named by `bytes`; nothing is allocated for a known one.
    public init(bytes: UnsafeRawBufferPointer) {
        self = HTTPMethod(known: bytes) ?? .other(String(decoding: bytes, as: UTF8.self))
    }

    /// The method named by `bytes`, unless it is another one than those above.
    init?(known bytes: UnsafeRawBufferPointer) {
        if ByteSearch.equal(bytes, "GET") {
            self = .get
        } else if ByteSearch.equal(bytes, "HEAD") {
            self = .head
        } else if ByteSearch.equal(bytes, "POST") {
            self = .post
        } else if ByteSearch.equal(bytes, "PUT") {
            self = .put
        } else if ByteSearch.equal(bytes, "DELETE") {
            self = .delete
        } else if ByteSearch.equal(bytes, "OPTIONS") {
            self = .options
        } else if ByteSearch.equal(bytes, "PATCH") {
            self = .patch
        } else if ByteSearch.equal(bytes, "PURGE") {
            self = .purge
        } else {
            return nil
        }
    }

    /// The name as it stands in a request line.
    public var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .purge: "PURGE"
        case .other(let name): name
        }
    }

    /// Whether repeating the request has the effect of sending it once (RFC 9110 §9.2.2), so that it may be retried.
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .purge: true
        case .post, .patch, .other: false
        }
    }
}

extension HTTPMethod: CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name.
    public var description: String { name }
    /// The method of that name.
    public init(stringLiteral value: String) { self.init(value) }
}
