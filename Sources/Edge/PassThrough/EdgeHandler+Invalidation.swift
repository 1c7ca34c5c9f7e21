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
    func invalidatedKeys(by response: ClientResponseHead, to exchange: Exchange, target: [UInt8]) -> [[UInt8]] {
        guard Invalidation.applies(method: exchange.head.method, status: response.status) else { return [] }
        var targets = [String(decoding: target, as: UTF8.self)]
        if let host = exchange.head.host?.string(in: exchange.headBytes) {
            targets += Invalidation.targets(
                named: response.headers, scheme: exchange.isTLS ? "https" : "http", authority: host)
        }
        return Set(targets.compactMap(storedKey)).filter { reader.lookup(key: $0) != nil || core.fills.isFilling($0) }
    }

    /// Drops the stored response that an anonymous HEAD shows to be old. It is never renewed from one: the client's own
    /// fields went to the origin, and what they made of the response is not for everybody.
    func compareHeadOnLoop(_ response: ClientResponseHead, to exchange: Exchange, target: [UInt8]) {
        guard exchange.isHead, response.status == .ok, exchange.field(.authorization) == nil,
            exchange.field(.cookie) == nil, let key = storedKey(of: String(decoding: target, as: UTF8.self)),
            let object = reader.lookup(key: key), object.status == 200, !object.flags.contains(.varies),
            let annotation = StoredAnnotation(reader.annotation(of: object))
        else { return }
        let stored = Validation.Stored(
            entityTag: String(decoding: reader.etag(of: object), as: UTF8.self), lastModified: annotation.lastModified,
            length: object.length)
        if Validation.contradicts(response.headers, stored, now: loop.epochSeconds) { core.store.remove(object) }
    }

    /// The cache key of a target; nil where nothing is cached.
    private func storedKey(of target: String) -> [UInt8]? {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap({ RequestTarget.normalise(String($0)) }),
            snapshot.behavior(for: path).cachePolicy != nil
        else { return nil }
        return snapshot.cacheKey(path: path, query: parts.count == 2 ? String(parts[1]) : nil)
    }
}
