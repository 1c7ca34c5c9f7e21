import AccessSigning
import Bytes
import HTTPClient
import HTTPServer
import HTTPWire
import Playlist

/// What the answer to a viewer with a signed URL is when it is a playlist: its children get the viewer's grant, for a player
/// sends it along with nothing but the URL it was given.
///
/// The store has the playlist once, for everybody; what is said here is made as it is served.
final class PlaylistGrant {
    let query: ChildQuery
    /// The entity tag of what this viewer gets: another representation than the origin's, hence another tag, and weak, so that
    /// no range is ever asked of it. Empty when the origin gave none.
    let etag: [UInt8]

    /// Nil unless a policy in the query opened the request and the response is a whole playlist in plain text.
    ///
    /// - Parameter fields: the origin's, as lines ready for the wire.
    init?(
        _ exchange: Exchange, _ route: Route, status: Int, etag: UnsafeRawBufferPointer, fields: UnsafeRawBufferPointer
    ) {
        guard status == 200, exchange.head.query != nil, route.behavior.needsSignature, route.page == nil,
            Self.isNamedPlaylist(exchange) || Self.isTypedPlaylist(fields),
            FieldBlock.value(of: "content-encoding", in: fields) == nil, let grant = Self.signature(exchange)
        else { return nil }
        let bytes = exchange.headBytes
        let host = exchange.head.host.map { Array($0.bytes(in: bytes)) } ?? []
        guard
            let query = ChildQuery(
                grant, host: host, isTLS: exchange.isTLS, speaksForItself: SignedQuery.hasSigningParameters)
        else { return nil }
        self.query = query
        self.etag = Self.derived(from: etag)
    }

    /// Whether the request is for what would be a playlist with the viewer's grant, as far as that can be said before there is
    /// a response: nothing but the whole of it, unencoded, is of use.
    static func isAwaited(_ exchange: Exchange, _ route: Route) -> Bool {
        exchange.head.query != nil && route.behavior.needsSignature && isNamedPlaylist(exchange)
            && signature(exchange) != nil
    }

    /// Fields that ask for less than that, or are about the origin's representation.
    static let partialRequestFields = [
        "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Accept-Encoding",
    ]

    private static func signature(_ exchange: Exchange) -> [UInt8]? {
        exchange.head.query.flatMap { SignedQuery.grant(in: $0.bytes(in: exchange.headBytes)) }
    }

    /// RFC 8216 §4: a playlist is known by its name or by its type.
    private static func isNamedPlaylist(_ exchange: Exchange) -> Bool {
        let path = exchange.head.path.bytes(in: exchange.headBytes)
        func ends(in suffix: StaticString) -> Bool {
            ASCII.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: path.suffix(suffix.utf8CodeUnitCount)), suffix)
        }
        return ends(in: ".m3u8") || ends(in: ".m3u")
    }

    private static func isTypedPlaylist(_ fields: UnsafeRawBufferPointer) -> Bool {
        guard let value = FieldBlock.value(of: "content-type", in: fields) else { return false }
        let type = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: value.prefix { $0 != UInt8(ascii: ";") }))
        return switch type.count {
        case 29: ASCII.equalsIgnoringCase(type, "application/vnd.apple.mpegurl")
        case 21: ASCII.equalsIgnoringCase(type, "application/x-mpegurl")
        case 15: ASCII.equalsIgnoringCase(type, "audio/x-mpegurl")
        case 13: ASCII.equalsIgnoringCase(type, "audio/mpegurl")
        default: false
        }
    }

    private static func derived(from etag: UnsafeRawBufferPointer) -> [UInt8] {
        guard let tag = EntityTag(fieldValue: etag), let derived = EntityTag("\(tag.opaque)-granted", isWeak: true)
        else { return [] }
        return Array(derived.fieldValue.utf8)
    }
}

extension PlaylistGrant {
    /// For a response that only passes by.
    static func passing(
        _ response: ClientResponseHead, to exchange: Exchange, _ route: Route, block: [UInt8]
    ) -> PlaylistGrant? {
        let etag = Array((response.headers.first("ETag") ?? "").utf8)
        return etag.withUnsafeBytes { etag in
            block.withUnsafeBytes {
                PlaylistGrant(exchange, route, status: response.status.code, etag: etag, fields: $0)
            }
        }
    }

    /// Decides what to send, as for any representation; there are no ranges of one whose length is not known.
    func plan(
        _ request: ConditionalRequest, lastModified: Int64?, bornAt: Int64, fields: UnsafeRawBufferPointer
    ) -> ResponsePlan {
        etag.withUnsafeBytes { etag in
            request.plan(
                for: Representation(
                    status: 200, etag: etag, lastModified: lastModified, bornAt: bornAt, length: nil, fields: fields))
        }
    }

    /// Writes the origin's fields as far as they are true of this viewer's answer, which no shared cache may keep.
    func writeFields(_ block: UnsafeRawBufferPointer, plan: ResponsePlan, to writer: inout HeadWriter) {
        if plan.isRefusal { return plan.writeFields(block, to: &writer) }
        FieldBlock.write(block, to: &writer) { name in
            Self.isReplaced(name) || plan == .notModified && FieldBlock.describesContent(name)
        }
        if !etag.isEmpty { etag.withUnsafeBytes { _ = writer.field("ETag", $0) } }
        writer.buffer.append("Cache-Control: private")
        FieldBlock.forEachValue(of: "cache-control", in: block) { value in
            HTTPToken.forEachElement(of: value) { directive in
                if Self.isForPrivateCaches(directive) {
                    writer.buffer.append(", ")
                    writer.buffer.append(directive)
                }
                return true
            }
        }
        writer.buffer.append("\r\n")
    }

    private static func isReplaced(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 4: ASCII.equalsIgnoringCase(name, "etag")
        case 6: ASCII.equalsIgnoringCase(name, "digest")
        case 11: ASCII.equalsIgnoringCase(name, "content-md5") || ASCII.equalsIgnoringCase(name, "repr-digest")
        case 13: ASCII.equalsIgnoringCase(name, "cache-control") || ASCII.equalsIgnoringCase(name, "accept-ranges")
        case 14: ASCII.equalsIgnoringCase(name, "content-digest") || ASCII.equalsIgnoringCase(name, "content-length")
        case 17: ASCII.equalsIgnoringCase(name, "cdn-cache-control")
        default: false
        }
    }

    private static func isForPrivateCaches(_ directive: UnsafeRawBufferPointer) -> Bool {
        let name = UnsafeRawBufferPointer(rebasing: directive.prefix { $0 != UInt8(ascii: "=") })
        let excluded: [StaticString] = ["public", "private", "s-maxage", "proxy-revalidate"]
        return !excluded.contains { ASCII.equalsIgnoringCase(name, $0) }
    }
}
