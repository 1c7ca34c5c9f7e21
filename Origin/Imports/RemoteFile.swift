internal import Bytes
internal import HTTPWire

/// What an answer says of a file on somebody else's server: enough to go on with it later, or to know that it has changed.
struct RemoteFile: Sendable, Equatable {
    /// Its media type; `application/octet-stream` where the server says none, or none that is one.
    let contentType: String
    /// Bytes of the whole; nil when the server does not say.
    let size: Int64?
    /// What must still be true of it for a part to fit (RFC 9110 §13.1.5): a strong entity tag, or the time it was changed; nil
    /// where there is neither, and parts cannot be asked for.
    let validator: String?
    /// `Content-Range` of a part.
    private let range: String?

    /// Reads the fields of an answer.
    init(_ headers: Headers) {
        let type = headers.first("content-type").map { ASCII.trimmed($0) } ?? ""
        let isType = type.utf8.count <= 255 && type.contains("/") && type.utf8.allSatisfy { (0x20...0x7e).contains($0) }
        contentType = isType ? type : "application/octet-stream"
        size = headers.first("content-length").flatMap { ASCII.parseDecimal($0) }.flatMap { Int64(exactly: $0) }
        range = headers.first("content-range")
        let tag = headers.first("etag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
        let mayAsk = headers.first("accept-ranges").map { ASCII.equalsIgnoringCase($0, "bytes") } ?? false
        validator = mayAsk ? tag ?? headers.first("last-modified") : nil
    }

    /// Whether it is said to be text of some kind: a page about a video, not one.
    var isText: Bool {
        let type = ASCII.lowercased(contentType)
        return type.hasPrefix("text/") || type.hasPrefix("application/json") || type.hasPrefix("application/xhtml")
    }

    /// Whether the bytes of a 206 are those from `offset` on, of a file that has `total` as far as is known.
    func goesOn(at offset: Int64, of total: Int64?) -> Bool {
        guard let range, range.hasPrefix("bytes \(offset)-"), let whole = range.split(separator: "/").last else {
            return false
        }
        return total == nil || String(whole) == total.map { "\($0)" }
    }
}
