import Bytes
import CacheRules
import HTTPServer
import HTTPWire

/// Which fields travel between origin, store and client.
enum ResponseFields {
    /// Fields of one connection (RFC 9110 §7.6.1), and what the connection writes itself.
    static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "http2-settings", "content-length",
    ]
    /// What the edge says itself, what concerns only edge and origin, and what would tell clients about the inside.
    private static let own: Set<String> = [
        "age", "date", "via", "x-cache", "cache-status", "accept-ranges", "cache-tag", "surrogate-key",
        "surrogate-control", "weir-cdn-cache-control", "server", "content-range", "x-request-id", "alt-svc",
    ]

    /// Of a response that only passes by, the edge replaces just these.
    private static let replacedInPass: Set<String> = ["x-cache", "weir-cdn-cache-control", "date", "server"]

    /// The end-to-end fields of an origin's response to one client, as lines ready for the wire.
    static func passing(_ headers: Headers, policy: ResponseHeadersPolicy?) -> [UInt8] {
        lines(endToEnd(headers, policy: policy) { replacedInPass.contains($0) })
    }

    /// The fields of an origin's response for everybody, as lines ready for the wire; `withheld` (lower case) names more
    /// that stay out.
    static func shared(_ headers: Headers, policy: ResponseHeadersPolicy?, withheld: [String]) -> [UInt8] {
        lines(endToEnd(headers, policy: policy) { own.contains($0) || withheld.contains($0) })
    }

    /// The stored lines with what a 304 says in place of what it replaces (RFC 9111 §3.2).
    static func updated(
        _ stored: [UInt8], by notModified: Headers, policy: ResponseHeadersPolicy?, withheld: [String]
    ) -> [UInt8] {
        let fields = endToEnd(notModified, policy: policy) {
            own.contains($0) || withheld.contains($0) || !Validation.updates($0)
        }
        let replaced = Set(fields.map { ASCII.lowercased($0.name) })
        var block = GrowableBuffer(capacity: stored.count + 256)
        for line in stored.split(separator: UInt8(ascii: "\n")) {
            let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
            if replaced.contains(ASCII.lowercased(name)) { continue }
            block.append(line)
            block.append(UInt8(ascii: "\n"))
        }
        block.append(lines(fields))
        return block.bytes
    }

    /// The `Cache-Status` lines, as they are.
    static func upstreamStatus(_ headers: Headers) -> [UInt8] {
        lines(headers.filter { ASCII.equalsIgnoringCase($0.name, "cache-status") })
    }

    private static func endToEnd(
        _ headers: Headers, policy: ResponseHeadersPolicy?, except isLeftOut: (String) -> Bool
    ) -> [Headers.Field] {
        let named = namedByConnection(headers)
        return headers.filter { field in
            let name = ASCII.lowercased(field.name)
            if hopByHop.contains(name) || named.contains(name) || name.hasPrefix("x-amz-") { return false }
            return !isLeftOut(name) && policy?.replaces(name) != true
        }
    }

    private static func lines(_ fields: [Headers.Field]) -> [UInt8] {
        var writer = HeadWriter(capacity: 512)
        for field in fields { writer.field(name: field.name, value: field.value) }
        return writer.take().bytes
    }

    /// The lower-case names that a `Connection` field declares to be of this connection only.
    static func namedByConnection(_ headers: Headers) -> Set<String> {
        var names: Set<String> = []
        for value in headers.values("connection") {
            for name in value.split(separator: ",") { names.insert(ASCII.lowercased(ASCII.trimmed(name))) }
        }
        return names
    }
}
