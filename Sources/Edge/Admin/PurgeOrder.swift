import Bytes
import HTTPWire
import JSON
import SegmentStore

/// A purge as an operator words it, and as the store understands it.
struct PurgeOrder: Sendable {
    let request: PurgeRequest

    /// Why an order is not carried out.
    struct Refused: Error, Sendable {
        let reason: String
    }

    private static let known = ["urls", "prefixes", "tags", "all", "soft"]
    /// In one order; more belong under a tag or a prefix.
    static let maximumItems = 3000

    /// Reads the body of `POST /purge`. URLs and prefixes may be whole URLs or paths; they are brought to the form of the
    /// cache key by the same rules as requests.
    init(_ document: JSONValue, snapshot: EdgeSnapshot) throws(Refused) {
        guard let object = document.object else { throw Refused(reason: "the body must be a JSON object") }
        for member in object.members where !Self.known.contains(member.key) {
            throw Refused(
                reason: "\"\(member.key)\" is not a known key; known keys: \(Self.known.joined(separator: ", "))")
        }
        var request = PurgeRequest()
        for url in try Self.texts(object, "urls") { request.urls.append(try Self.key(ofURL: url, snapshot)) }
        for prefix in try Self.texts(object, "prefixes") { request.prefixes.append(try Self.prefix(prefix)) }
        request.tags = try Self.texts(object, "tags").map { Array($0.utf8) }
        request.all = try Self.flag(object, "all")
        request.soft = try Self.flag(object, "soft")
        let items = request.urls.count + request.prefixes.count + request.tags.count
        guard items > 0 || request.all else {
            throw Refused(reason: "nothing to purge: give urls, prefixes, tags or \"all\": true")
        }
        guard items <= Self.maximumItems else {
            throw Refused(reason: "\(items) items in one purge, allowed are \(Self.maximumItems)")
        }
        self.request = request
    }

    private static func texts(_ object: JSONObject, _ key: String) throws(Refused) -> [String] {
        guard let value = object[key] else { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count, !texts.contains("") else {
            throw Refused(reason: "\"\(key)\" must be an array of texts that are not empty")
        }
        return texts
    }

    private static func flag(_ object: JSONObject, _ key: String) throws(Refused) -> Bool {
        guard let value = object[key] else { return false }
        guard let flag = value.bool else { throw Refused(reason: "\"\(key)\" must be true or false") }
        return flag
    }

    private static func key(ofURL url: String, _ snapshot: EdgeSnapshot) throws(Refused) -> [UInt8] {
        let target = pathAndQuery(url)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap({ RequestTarget.normalise(String($0)) }) else {
            throw Refused(reason: "\"\(url)\" is not a URL or a path that the edge would serve")
        }
        return snapshot.cacheKey(path: path, query: parts.count == 2 ? String(parts[1]) : nil)
    }

    /// A last `*` is CloudFront's way to say prefix and is taken as said.
    private static func prefix(_ text: String) throws(Refused) -> [UInt8] {
        var prefix = pathAndQuery(text)
        if prefix.utf8.last == UInt8(ascii: "*") { prefix.unicodeScalars.removeLast() }
        guard !prefix.utf8.contains(UInt8(ascii: "*")), let path = RequestTarget.normalise(prefix),
            path.utf8.count <= 1024
        else {
            throw Refused(reason: "\"\(text)\" is not a path prefix of at most 1,024 bytes")
        }
        return Array(path.utf8)
    }

    private static func pathAndQuery(_ url: String) -> String {
        for scheme in ["http://", "https://"] where url.hasPrefix(scheme) {
            let rest = url.utf8.dropFirst(scheme.utf8.count)
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return "/" }
            return String(Substring(rest[slash...]))
        }
        return url
    }
}
