import HTTPWire
import SegmentStore

/// Whose objects an order is about: those of one distribution, or of all that the edge serves.
struct PurgeScope {
    /// Never empty.
    let distributions: [ServedDistribution]
    /// Whether the order names the distribution itself.
    let isNamed: Bool
    private let snapshot: EdgeSnapshot

    /// - Throws: `PurgeOrder.Refused` for an id that no distribution here has.
    init(id: String?, snapshot: EdgeSnapshot) throws(PurgeOrder.Refused) {
        self.snapshot = snapshot
        isNamed = id != nil
        guard let id else {
            distributions = snapshot.distributions
            return
        }
        guard let served = snapshot.distribution(id: id) else {
            let known = snapshot.distributions.map(\.distribution.id).joined(separator: ", ")
            throw PurgeOrder.Refused(reason: "\"\(id)\" is not a distribution of this edge; known ones: \(known)")
        }
        distributions = [served]
    }

    /// The cache keys of a URL or a path. A whole URL is of the distribution that answers for its host.
    func keys(ofURL url: String) throws(PurgeOrder.Refused) -> [[UInt8]] {
        let reference = PurgeReference(url)
        let parts = reference.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap({ RequestTarget.normalise(String($0)) }) else {
            throw PurgeOrder.Refused(reason: "\"\(url)\" is not a URL or a path that the edge would serve")
        }
        let query = parts.count == 2 ? String(parts[1]) : nil
        return try addressed(by: reference, url).map { $0.cacheKey(path: path, query: query) }
    }

    /// What the keys of everything under a URL or a path begin with. A last `*` is CloudFront's way to say prefix and is
    /// taken as said.
    func prefixes(ofURL text: String) throws(PurgeOrder.Refused) -> [[UInt8]] {
        let reference = PurgeReference(text)
        var prefix = reference.target
        if prefix.utf8.last == UInt8(ascii: "*") { prefix.unicodeScalars.removeLast() }
        guard !prefix.utf8.contains(UInt8(ascii: "*")), let path = RequestTarget.normalise(prefix),
            path.utf8.count <= Self.prefixBytes
        else {
            throw PurgeOrder.Refused(reason: "\"\(text)\" is not a path prefix of at most \(Self.prefixBytes) bytes")
        }
        return try addressed(by: reference, text).map { $0.keyPrefix + Array(path.utf8) }
    }

    /// What the store takes, less an id of a distribution.
    private static let prefixBytes = 960

    /// A tag as the objects of each distribution carry it.
    func tags(_ tag: [UInt8]) -> [[UInt8]] { distributions.map { $0.storedTag(tag) } }

    /// Adds everything to `request`.
    func addAll(to request: inout PurgeRequest) {
        guard isNamed, snapshot.distributions.count > 1 else {
            request.all = true
            return
        }
        request.prefixes += distributions.map { $0.keyPrefix + [UInt8(ascii: "/")] }
    }

    private func addressed(
        by reference: PurgeReference, _ text: String
    ) throws(PurgeOrder.Refused) -> [ServedDistribution] {
        guard let host = reference.host, !isNamed else { return distributions }
        guard let served = snapshot.distribution(forHost: host) else {
            throw PurgeOrder.Refused(reason: "\"\(text)\": no distribution of this edge answers for \(host)")
        }
        return [served]
    }
}

/// A URL as operators write it: whole, or the path alone.
struct PurgeReference {
    /// `nil` for a path.
    let host: String?
    /// Path and query.
    let target: String

    init(_ url: String) {
        for scheme in ["http://", "https://"] where url.hasPrefix(scheme) {
            let rest = url.dropFirst(scheme.count)
            let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            host = String(rest[..<end])
            let tail = String(rest[end...])
            target = tail.hasPrefix("/") ? tail : "/" + tail
            return
        }
        host = nil
        target = url
    }
}
