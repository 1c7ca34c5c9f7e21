import Bytes
import HTTPServer
import HTTPWire

/// Which fields travel between origin, store and client.
enum ResponseFields {
    /// Fields of one connection (RFC 9110 §7.6.1), and what the connection writes itself.
    static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "content-length",
    ]
    /// What the edge says itself, what concerns only edge and origin, and what would tell clients about the inside.
    private static let own: Set<String> = [
        "age", "date", "via", "x-cache", "cache-status", "accept-ranges", "cache-tag", "surrogate-key",
        "surrogate-control",
        "server", "content-range", "x-request-id", "alt-svc",
    ]

    /// Of a response that only passes by, the edge replaces just these.
    private static let replacedInPass: Set<String> = ["x-cache", "cache-status", "date", "server"]

    /// The end-to-end fields of an origin's response as lines ready for the wire. `isStored` leaves out what belongs to
    /// one client only.
    static func block(_ headers: Headers, policy: ResponseHeadersPolicy?, isStored: Bool) -> [UInt8] {
        let named = namedByConnection(headers)
        var writer = HeadWriter(capacity: 512)
        for field in headers {
            let name = ASCII.lowercased(field.name)
            if hopByHop.contains(name) || named.contains(name) || name.hasPrefix("x-amz-") { continue }
            if isStored, own.contains(name) || name == "set-cookie" { continue }
            if !isStored, replacedInPass.contains(name) { continue }
            if let policy, policy.replaces(name) { continue }
            writer.field(name: field.name, value: field.value)
        }
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

extension ResponseHeadersPolicy {
    /// Whether the edge's own field takes the place of the origin's; `name` in lower case.
    func replaces(_ name: String) -> Bool {
        if cors != nil, name.hasPrefix("access-control-") { return true }
        return customHeaders.contains { $0.replacesOrigins && ASCII.equalsIgnoringCase($0.name, name) }
    }
}
