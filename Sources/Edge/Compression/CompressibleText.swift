import Bytes
import CacheRules
import HTTPWire

/// Which responses are worth compressing, and what a compressed one says about itself.
enum CompressibleText {
    /// Smaller bodies gain nothing, larger ones cost too much: CloudFront's bounds.
    static let bytes = 1_000...10_000_000

    /// CloudFront's list, as far as it is text, with the manifests of streaming.
    private static let types: Set<String> = [
        "application/dash+xml", "application/eot", "application/font", "application/font-sfnt",
        "application/javascript", "application/json", "application/opentype", "application/otf",
        "application/pkcs7-mime", "application/truetype", "application/ttf", "application/vnd.apple.mpegurl",
        "application/vnd.ms-fontobject", "application/wasm", "application/x-httpd-cgi", "application/x-javascript",
        "application/x-mpegurl", "application/x-opentype", "application/x-otf", "application/x-perl",
        "application/x-ttf", "application/xhtml+xml", "application/xml", "application/rss+xml", "font/eot",
        "font/opentype", "font/otf", "font/ttf", "image/svg+xml", "audio/mpegurl", "audio/x-mpegurl", "text/css",
        "text/csv", "text/html", "text/javascript", "text/js", "text/plain", "text/richtext",
        "text/tab-separated-values", "text/vtt", "text/x-component", "text/x-java-source", "text/x-script", "text/xml",
    ]

    /// Whether a response may be compressed: whole, plain, of a type that shrinks, of a length that pays if it is known.
    static func includes(status: HTTPStatus, _ headers: Headers, length: Int?) -> Bool {
        guard status == .ok, !headers.contains("Content-Encoding"), bytes.contains(length ?? bytes.lowerBound),
            let type = headers.first("Content-Type")?.split(separator: ";").first
        else { return false }
        return types.contains(ASCII.lowercased(ASCII.trimmed(type)))
    }

    /// The line that tells caches behind us that there are several; every coding carries it, the identity too.
    static let varyLine = Array("Vary: Accept-Encoding\r\n".utf8)

    /// The stored lines of the identity as those of a coding: other bytes, so another entity tag, and no digest.
    static func head(_ identity: [UInt8], etag: [UInt8], coding: AcceptEncoding.Coding) -> [UInt8] {
        let dropped = ["etag", "content-md5", "content-digest", "repr-digest", "digest"]
        var writer = HeadWriter(capacity: identity.count + 64)
        for line in identity.split(separator: UInt8(ascii: "\n")) {
            let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
            if dropped.contains(ASCII.lowercased(name)) { continue }
            writer.buffer.append(line)
            writer.buffer.append(UInt8(ascii: "\n"))
        }
        etag.withUnsafeBytes { if !$0.isEmpty { writer.field("ETag", $0) } }
        writer.field("Content-Encoding", coding.name)
        return writer.take().bytes
    }

    /// `"v1"` as `"v1-br"`; none for what is no entity tag.
    static func etag(_ identity: [UInt8], coding: AcceptEncoding.Coding) -> [UInt8] {
        guard let tag = EntityTag(fieldValue: String(decoding: identity, as: UTF8.self)),
            let coded = EntityTag("\(tag.opaque)-\(coding.name)", isWeak: tag.isWeak)
        else { return [] }
        return Array(coded.fieldValue.utf8)
    }
}
