import Crypto
import Geolocation
import HTTPWire
import Synchronization

/// What all loops serve from until a reload replaces it: the distributions with their origins, keys and ready-made fields.
final class EdgeSnapshot: Sendable {
    /// The default one first.
    let distributions: [ServedDistribution]
    /// In the order of the documents.
    let origins: [OriginTarget]
    /// Tells the country of a client; `nil` when none is configured.
    let countries: CountryDatabase?
    /// Whose control log is followed, if any is.
    let controlOrigin: ControlOrigin?
    /// What paths begin with of which the origin is told what was served; empty where nobody is told.
    let reportedMediaPath: [UInt8]
    /// The configured key groups, each by key pair id.
    let keyGroups: [String: [String: PublicKey]]
    /// Which distribution a host chooses; `nil` when there is nothing to choose.
    private let hosts: HostTable?
    /// Of one distribution after the other: in the order of the behaviors, the default one last.
    private let routes: [Route]

    /// Makes keys, TLS contexts and routes. Blocks on key parsing; not for a loop's thread. What `health` knows of the
    /// servers, `signing` of keys until the snapshot is served from, and `limits` has counted stays in force.
    init(
        _ content: EdgeContent, health: HealthBook = HealthBook(), signing: CredentialBook = CredentialBook(),
        limits: LimitBook
    ) throws {
        countries = content.countries
        let targets = try content.origins.mapValues { try OriginTarget($0, health: health, signing: signing) }
        controlOrigin = try content.control.map(ControlOrigin.init)
        reportedMediaPath = content.control.map { Array($0.mediaPath.utf8) } ?? []
        var keys: [String: [String: PublicKey]] = [:]
        for (group, members) in content.keyGroups {
            keys[group] = [:]
            for member in members { keys[group]?[member.id] = try PublicKey(pem: member.pem) }
        }
        keyGroups = keys
        var distributions: [ServedDistribution] = []
        var origins: [OriginTarget] = []
        var routes: [Route] = []
        for (index, distribution) in content.distributions.enumerated() {
            let isDefault = index == 0
            let served = ServedDistribution(distribution, isDefault: isDefault, firstRoute: routes.count)
            let own = distribution.origins.reduce(into: [String: OriginTarget]()) { own, origin in
                own[origin.id] = targets[distribution.originName(origin.id, isDefault: isDefault)]
            }
            origins += distribution.origins.compactMap { own[$0.id] }
            routes += Route.all(of: served, origins: own, limits: limits)
            distributions.append(served)
        }
        self.distributions = distributions
        self.origins = origins
        self.routes = routes
        let hasChoice = distributions.count > 1 || content.refusesUnknownHosts
        hosts =
            hasChoice
            ? HostTable(content.distributions.map(\.aliases), servesUnknown: !content.refusesUnknownHosts) : nil
    }

    /// Every method that some behavior takes.
    var allMethods: [HTTPMethod] {
        routes.flatMap(\.behavior.allowedMethods).reduce(into: []) { methods, method in
            if !methods.contains(method) { methods.append(method) }
        }
    }

    /// Distribution and behavior of each route, at its place.
    var routeNames: [(distribution: String, behavior: String)] {
        routes.map { ($0.distribution.distribution.id, $0.behavior.name) }
    }

    /// How many routes there are.
    var routeCount: Int { routes.count }

    /// The distribution that answers for a host; `nil` if none does. A request without one is the default's.
    func distribution(for host: UnsafeRawBufferPointer?) -> ServedDistribution? {
        guard let hosts else { return distributions[0] }
        return hosts.index(of: host ?? UnsafeRawBufferPointer(start: nil, count: 0)).map { distributions[$0] }
    }

    /// The distribution that answers for a host given as text.
    func distribution(forHost host: String) -> ServedDistribution? {
        Array(host.utf8).withUnsafeBytes { distribution(for: $0) }
    }

    func distribution(id: String) -> ServedDistribution? {
        distributions.first { $0.distribution.id == id }
    }

    /// The route that answers a normalised path of a distribution of this snapshot.
    func route(in served: ServedDistribution, for path: UnsafeRawBufferPointer) -> Route {
        routes[served.firstRoute + served.distribution.behaviorIndex(for: path)]
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
