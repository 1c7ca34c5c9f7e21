public import HTTPWire

/// How a cache treats statuses (RFC 9110 §15.1, RFC 9111 §3).
public enum StoredStatus: Sendable {
    /// Stored even if the origin gives no lifetime.
    case byDefault
    /// Stored if the origin gives a lifetime or says `public`.
    case ifExplicit
    /// Never stored: interim, of one client, or not known to mean the same to everybody.
    case never

    /// A 206 is not among them: parts are stored by other rules (`PartialContent`). 401, 407, 412, 416, 417, 421, 425,
    /// 426, 428, 429, 431 and 511 depend on who asked how; RFC 6585 forbids to store the last four.
    public init(_ status: HTTPStatus) {
        switch status.code {
        case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501: self = .byDefault
        case 302, 303, 307, 400, 403, 406, 415, 451, 500, 502, 503, 504: self = .ifExplicit
        default: self = .never
        }
    }
}
