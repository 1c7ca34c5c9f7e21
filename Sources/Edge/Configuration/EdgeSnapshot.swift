import Bytes
import Crypto
import HTTPWire
import Synchronization

/// What all loops serve from until a reload replaces it: the distribution with its origins, keys and ready-made fields.
final class EdgeSnapshot: Sendable {
    let distribution: Distribution
    /// In the order of the document.
    let origins: [OriginTarget]
    /// Whose control log is followed, if any is.
    let controlOrigin: ControlOrigin?
    /// In the order of the behaviors, the default one last.
    private let routes: [Route]

    /// Makes keys, TLS contexts and routes. Blocks on key parsing; not for a loop's thread. What `health` knows of the
    /// servers stays in force, and what `signing` has, until the snapshot is served from.
    init(
        _ content: EdgeContent, health: HealthBook = HealthBook(), signing: CredentialBook = CredentialBook()
    ) throws {
        distribution = content.distribution
        let targets = try content.origins.mapValues { try OriginTarget($0, health: health, signing: signing) }
        origins = distribution.origins.compactMap { targets[$0.id] }
        controlOrigin = try content.control.map(ControlOrigin.init)
        let groups = distribution.originGroups.map { OriginGroup($0, origins: targets) }
        var keys: [String: [String: PublicKey]] = [:]
        for (group, members) in content.keyGroups {
            keys[group] = [:]
            for member in members { keys[group]?[member.id] = try PublicKey(pem: member.pem) }
        }
        routes = content.distribution.allBehaviors.enumerated().map { position, behavior in
            let named = groups.first { $0.id == behavior.originId }
            guard let group = named ?? targets[behavior.originId].map(OriginGroup.init) else {
                preconditionFailure("reading the settings resolved every origin")
            }
            let trusted = behavior.trustedKeyGroups.reduce(into: [String: PublicKey]()) { trusted, group in
                trusted.merge(keys[group] ?? [:]) { first, _ in first }
            }
            return Route(behavior: behavior, position: position, group: group, trustedKeys: trusted)
        }
    }

    /// Every method that some behavior takes.
    var allMethods: [HTTPMethod] {
        distribution.allBehaviors.flatMap(\.allowedMethods).reduce(into: []) { methods, method in
            if !methods.contains(method) { methods.append(method) }
        }
    }

    /// The name of each route's behavior, at its place.
    var behaviorNames: [String] { routes.map(\.behavior.name) }

    /// How many routes there are.
    var routeCount: Int { routes.count }

    /// The route that answers a normalised path.
    func route(for path: UnsafeRawBufferPointer) -> Route {
        routes[distribution.behaviorIndex(for: path)]
    }
}

/// A behavior with everything it needs at hand.
final class Route: Sendable {
    let behavior: Behavior
    /// Its place among the routes of its snapshot.
    let position: Int
    /// Where its content comes from.
    let group: OriginGroup
    /// By key pair id; of no meaning when the paths are public.
    let trustedKeys: [String: PublicKey]

    init(behavior: Behavior, position: Int, group: OriginGroup, trustedKeys: [String: PublicKey]) {
        self.behavior = behavior
        self.position = position
        self.group = group
        self.trustedKeys = trustedKeys
    }
}

extension EdgeSnapshot {
    /// The cache key of a URL given as text, for operators' orders; the path is normalised already.
    func cacheKey(path: String, query: String?) -> [UInt8] {
        let behavior = behavior(for: path)
        var buffer = GrowableBuffer()
        Array(path.utf8).withUnsafeBytes { path in
            Array((query ?? "").utf8).withUnsafeBytes { bytes in
                CacheKey.append(
                    path: path, query: query == nil ? nil : bytes, selection: behavior.cachePolicy?.query ?? .all,
                    removesSigning: behavior.needsSignature, to: &buffer)
            }
        }
        return buffer.bytes
    }

    func behavior(for path: String) -> Behavior {
        Array(path.utf8).withUnsafeBytes { route(for: $0).behavior }
    }
}

/// The snapshot in force, for everything that is not a loop's request; loops keep their own reference.
final class ContentHolder: Sendable {
    private let current: Mutex<EdgeSnapshot>

    init(_ snapshot: EdgeSnapshot) {
        current = Mutex(snapshot)
    }

    var snapshot: EdgeSnapshot { current.withLock { $0 } }

    func replace(_ snapshot: EdgeSnapshot) {
        current.withLock { $0 = snapshot }
        for origin in snapshot.origins { origin.putCredentialsInForce() }
    }
}
