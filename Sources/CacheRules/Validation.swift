internal import Bytes
public import HTTPWire

/// What the origin's answer to our own condition, or to somebody's HEAD, says about a stored response.
public enum Validation {
    /// A stored response as far as it can be compared.
    public struct Stored: Sendable, Equatable {
        /// As the origin sent it; empty if there was none.
        public let entityTag: String
        /// Epoch seconds.
        public let lastModified: Int64?
        /// Bytes of its body.
        public let length: Int

        /// Takes the values as they are.
        public init(entityTag: String, lastModified: Int64?, length: Int) {
            self.entityTag = entityTag
            self.lastModified = lastModified
            self.length = length
        }
    }

    /// The fields by which to ask whether a stored response still holds: all the validators it has (RFC 9111 §4.3.1).
    public static func condition(for stored: Stored) -> Headers {
        var headers = Headers()
        if !stored.entityTag.isEmpty { headers.set("If-None-Match", stored.entityTag) }
        if let date = stored.lastModified { headers.set("If-Modified-Since", HTTPDate.format(date)) }
        return headers
    }

    /// Whether a 304 is about the stored response (RFC 9111 §4.3.4). One that names another version confirms nothing.
    public static func confirms(_ notModified: Headers, _ stored: Stored, now: Int64) -> Bool {
        if let field = notModified.first("ETag"), !stored.entityTag.isEmpty {
            guard let tag = EntityTag(fieldValue: field), let known = EntityTag(fieldValue: stored.entityTag) else {
                return field == stored.entityTag
            }
            return tag.matchesWeakly(known)
        }
        if let date = notModified.first("Last-Modified").flatMap({ HTTPDate.parse($0, now: now) }),
            let known = stored.lastModified
        {
            return date == known
        }
        return true
    }

    /// Whether a 304 may change that field of the stored response (RFC 9111 §3.2); `name` in lower case.
    ///
    /// What describes the stored bytes stays as it was: a server may well send it for a body it does not send.
    public static func updates(_ name: String) -> Bool {
        switch name {
        case "content-encoding", "content-length", "content-md5", "content-range", "content-type", "etag",
            "repr-digest", "content-digest":
            false
        default: true
        }
    }

    /// Whether a 200 to a HEAD shows that the stored response is no longer what a GET would bring (RFC 9111 §4.3.5).
    public static func contradicts(_ head: Headers, _ stored: Stored, now: Int64) -> Bool {
        if let length = head.first("Content-Length"), ASCII.parseDecimal(length) != UInt64(stored.length) {
            return true
        }
        if let tag = head.first("ETag"), !stored.entityTag.isEmpty, tag != stored.entityTag { return true }
        guard let date = head.first("Last-Modified").flatMap({ HTTPDate.parse($0, now: now) }),
            let known = stored.lastModified
        else { return false }
        return date != known
    }
}
