import Bytes
import HTTPWire

/// One of the distributions that an edge serves, with what keeps it apart from the others.
///
/// A class, because every route refers to it: a request under way stays with its distribution whatever a reload does.
final class ServedDistribution: Sendable {
    let distribution: Distribution
    /// What its cache keys and tags begin with; empty for the default one, whose keys are paths. The id of any other one
    /// stands before the path's slash, so no key is another distribution's.
    let keyPrefix: [UInt8]
    /// The place of its first route in the snapshot.
    let firstRoute: Int
    /// What is served for `/`, ready to be matched.
    let rootPath: [UInt8]?

    init(_ distribution: Distribution, isDefault: Bool, firstRoute: Int) {
        self.distribution = distribution
        keyPrefix = isDefault ? [] : Self.keyPrefix(of: distribution.id)
        self.firstRoute = firstRoute
        rootPath = distribution.rootPath.map { Array($0.utf8) }
    }

    /// Of a distribution that is not the default one.
    static func keyPrefix(of id: String) -> [UInt8] { Array(id.utf8) }

    var isDefault: Bool { keyPrefix.isEmpty }

    /// The behavior that answers a normalised path.
    func behavior(for path: String) -> Behavior {
        distribution.allBehaviors[behaviorIndex(for: path)]
    }

    func behaviorIndex(for path: String) -> Int {
        Array(path.utf8).withUnsafeBytes { distribution.behaviorIndex(for: $0) }
    }

    /// The cache key of a URL given as text, for operators' orders; the path is normalised already.
    ///
    /// Where request fields are in the key too, it is what all keys of the URL begin with.
    func cacheKey(path: String, query: String?) -> [UInt8] {
        let path = path == "/" ? distribution.rootPath ?? path : path
        let behavior = behavior(for: path)
        var buffer = GrowableBuffer()
        buffer.append(keyPrefix)
        Array(path.utf8).withUnsafeBytes { path in
            Array((query ?? "").utf8).withUnsafeBytes { bytes in
                CacheKey.append(
                    path: path, query: query == nil ? nil : bytes,
                    selection: behavior.cachePolicy == nil ? .all : behavior.keyQuery,
                    removesSigning: behavior.needsSignature, removesMetadata: behavior.cachePolicy != nil, to: &buffer)
            }
        }
        return buffer.bytes
    }

    /// A purge tag as it is stored: in a distribution that is not the default one, apart from the others' tags.
    func storedTag(_ tag: [UInt8]) -> [UInt8] {
        isDefault ? tag : keyPrefix + [UInt8(ascii: "/")] + tag
    }
}

extension Distribution {
    /// What an origin of it is called in the process configuration, in logs and metrics.
    func originName(_ id: String, isDefault: Bool) -> String { isDefault ? id : "\(self.id)/\(id)" }
}
