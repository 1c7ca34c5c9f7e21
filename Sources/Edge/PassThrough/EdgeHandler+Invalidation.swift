import Bytes
import CacheRules
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import SegmentStore

/// What a response that passes by says about stored ones (RFC 9111 §4.3.5, §4.4).
extension EdgeHandler {
    /// The keys that a response to an unsafe request makes invalid and under which there is something.
    func invalidatedKeys(by response: ClientResponseHead, to exchange: Exchange, route: Route, target: [UInt8])
        -> [[UInt8]]
    {
        guard Invalidation.applies(method: exchange.head.method, status: response.status) else { return [] }
        var targets = [String(decoding: target, as: UTF8.self)]
        if let host = exchange.head.host?.string(in: exchange.headBytes) {
            targets += Invalidation.targets(
                named: response.headers, scheme: exchange.isTLS ? "https" : "http", authority: host)
        }
        let stored = Set(targets.compactMap { storedKey(of: $0, in: route.distribution) })
        return stored.filter { $0.hasFields || reader.lookup(key: $0.key) != nil || core.fills.isFilling($0.key) }
            .map(\.key)
    }

    /// Drops the stored response that an anonymous HEAD shows to be old. It is never renewed from one: the client's own
    /// fields went to the origin, and what they made of the response is not for everybody.
    func compareHeadOnLoop(_ response: ClientResponseHead, to exchange: Exchange, route: Route, target: [UInt8]) {
        guard exchange.isHead, response.status == .ok, exchange.field(.authorization) == nil,
            exchange.field(.cookie) == nil,
            let found = storedKey(of: String(decoding: target, as: UTF8.self), in: route.distribution),
            let object = reader.lookup(key: found.key), object.status == 200, !object.flags.contains(.varies),
            let annotation = StoredAnnotation(reader.annotation(of: object))
        else { return }
        let stored = Validation.Stored(
            entityTag: String(decoding: reader.etag(of: object), as: UTF8.self), lastModified: annotation.lastModified,
            length: object.length)
        if Validation.contradicts(response.headers, stored, now: loop.epochSeconds) { core.store.remove(object) }
    }

    private struct StoredKey: Hashable {
        let key: [UInt8]
        /// What is stored has request fields in its keys, which begin with this one.
        let hasFields: Bool
    }

    /// The cache key of a target; nil where nothing is cached.
    private func storedKey(of target: String, in served: ServedDistribution) -> StoredKey? {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap({ RequestTarget.normalise(String($0)) }),
            let policy = served.behavior(for: path).cachePolicy
        else { return nil }
        return StoredKey(
            key: served.cacheKey(path: path, query: parts.count == 2 ? String(parts[1]) : nil),
            hasFields: policy.fields != nil)
    }
}
