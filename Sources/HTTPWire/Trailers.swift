internal import Bytes

/// The fields after a chunked body (RFC 9110 §6.5).
///
/// They come after everything was decided by the head, so they are never merged with its fields, and a name that decides
/// anything is dropped.
public enum Trailers {
    /// Most bytes of a trailer section; a longer one is malformed.
    public static let maximumBytes = 8_192
    /// Most fields of a trailer section; one with more is malformed.
    public static let maximumFields = 64

    /// Names of framing, routing, conditions, controls, credentials, content and of the response's own account of itself
    /// (RFC 9110 §6.5.1).
    private static let forbidden: Set<String> = [
        "accept-ranges", "age", "authorization", "cache-control", "cdn-cache-control", "connection",
        "content-encoding", "content-length", "content-location", "content-range", "content-type", "cookie", "date",
        "expect", "expires", "forwarded", "host", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "keep-alive", "location", "max-forwards", "pragma", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "range", "retry-after", "set-cookie", "surrogate-control", "te",
        "trailer", "transfer-encoding", "upgrade", "vary", "via", "warning", "www-authenticate",
    ]

    /// Whether a field of that name, any case, may stand in a trailer section.
    public static func mayHold(_ name: String) -> Bool {
        !forbidden.contains(ASCII.lowercased(name))
    }

    /// The fields of a section as `ChunkedDecoder.trailerSection` has it, without those that may not stand there.
    public static func fields(ofSection section: [UInt8]) -> Headers {
        var fields = Headers()
        for line in section.split(whereSeparator: { $0 == 0x0d || $0 == 0x0a }) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            let value = ASCII.trimmed(Substring(decoding: line[(colon + 1)...], as: UTF8.self))
            if mayHold(name) { fields.add(name, String(value)) }
        }
        return fields
    }
}
