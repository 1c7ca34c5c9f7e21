internal import Bytes
internal import HTTPWire

/// What a request brings as `Authorization: Bearer …` (RFC 6750 section 2.1).
public enum BearerToken: Equatable, Sendable {
    /// No `Authorization` at all.
    case absent
    /// Several fields, another scheme or no token: not to be taken for a request of nobody's.
    case malformed
    /// Everything after the scheme.
    case presented(String)
}

extension Request {
    /// The bearer token it brings.
    public var bearerToken: BearerToken {
        let fields = headers.values("Authorization")
        guard let field = fields.first else { return .absent }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard fields.count == 1, parts.count == 2, ASCII.equalsIgnoringCase(parts[0], "Bearer") else {
            return .malformed
        }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? .malformed : .presented(String(token))
    }
}
