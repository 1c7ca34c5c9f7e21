import Bytes
import JSON
import SegmentStore

/// A purge as an operator words it, and as the store understands it.
struct PurgeOrder: Sendable {
    let request: PurgeRequest

    /// Why an order is not carried out.
    struct Refused: Error, Sendable {
        let reason: String
    }

    private static let known = ["distribution", "urls", "prefixes", "tags", "all", "soft"]
    /// In one order; more belong under a tag or a prefix.
    static let maximumItems = 3000

    /// Reads the body of `POST /purge`. URLs and prefixes may be whole URLs or paths; they are brought to the form of the
    /// cache key by the same rules as requests, tags to lower case. Without a `distribution`, paths, tags and `all` are about
    /// all of them.
    init(_ document: JSONValue, snapshot: EdgeSnapshot) throws(Refused) {
        guard let object = document.object else { throw Refused(reason: "the body must be a JSON object") }
        for member in object.members where !Self.known.contains(member.key) {
            throw Refused(
                reason: "\"\(member.key)\" is not a known key; known keys: \(Self.known.joined(separator: ", "))")
        }
        let scope = try PurgeScope(id: try Self.distribution(object), snapshot: snapshot)
        var request = PurgeRequest()
        let (urls, prefixes) = (try Self.texts(object, "urls"), try Self.texts(object, "prefixes"))
        let (tags, all) = (try Self.texts(object, "tags"), try Self.flag(object, "all"))
        for url in urls { request.urls += try scope.keys(ofURL: url) }
        for prefix in prefixes { request.prefixes += try scope.prefixes(ofURL: prefix) }
        request.tags = tags.flatMap { scope.tags(Array(ASCII.lowercased($0).utf8)) }
        if all { scope.addAll(to: &request) }
        request.soft = try Self.flag(object, "soft")
        let items = urls.count + prefixes.count + tags.count
        guard items > 0 || all else {
            throw Refused(reason: "nothing to purge: give urls, prefixes, tags or \"all\": true")
        }
        guard items <= Self.maximumItems else {
            throw Refused(reason: "\(items) items in one purge, allowed are \(Self.maximumItems)")
        }
        self.request = request
    }

    /// All that may be stored of a distribution that this edge served before a reload: it must not come back with it.
    private init(everythingOf stranger: String) throws(Refused) {
        guard ASCII.isName(stranger) else {
            throw Refused(reason: "\"\(stranger.prefix(80))\" is not the Id of a distribution")
        }
        request = PurgeRequest(prefixes: [ServedDistribution.keyPrefix(of: stranger) + [UInt8(ascii: "/")]])
    }

    /// An order of the origin's log; one for a `stranger`, a distribution that other edges serve, is about everything of it.
    static func logged(_ document: JSONValue, snapshot: EdgeSnapshot) throws(Refused) -> (Self, stranger: String?) {
        guard let id = document["distribution"]?.string, snapshot.distribution(id: id) == nil else {
            return (try PurgeOrder(document, snapshot: snapshot), nil)
        }
        return (try PurgeOrder(everythingOf: id), id)
    }

    private static func distribution(_ object: JSONObject) throws(Refused) -> String? {
        guard let value = object["distribution"] else { return nil }
        guard let id = value.string else { throw Refused(reason: "\"distribution\" must be the Id of a distribution") }
        return id
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
}
