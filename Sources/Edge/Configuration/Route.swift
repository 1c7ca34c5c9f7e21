/// A behavior with everything it needs at hand.
final class Route: Sendable {
    let behavior: Behavior
    /// Its place among the routes of its snapshot.
    let position: Int
    let distribution: ServedDistribution
    /// Where its content comes from.
    let group: OriginGroup
    /// What its requests are held to; `nil` without limits.
    let limits: RouteLimits?
    /// What the edge adds to its responses: of the behavior that the client's request matched, also where a page under
    /// another one stands for an error.
    let responseHeaders: ResponseHeadersPolicy?
    /// Routes to what stands for an error, by its status.
    let pages: [Int: Route]
    /// What this route stands for; `nil` for what clients ask for themselves.
    let page: PageRole?

    init(
        behavior: Behavior, position: Int, distribution: ServedDistribution, group: OriginGroup,
        limits: RouteLimits?, pages: [Int: Route] = [:]
    ) {
        self.behavior = behavior
        self.position = position
        self.distribution = distribution
        self.group = group
        self.limits = limits
        responseHeaders = behavior.responseHeaders
        self.pages = pages
        page = nil
    }

    private init(_ route: Route, as page: PageRole, for asked: Behavior) {
        behavior = route.behavior
        position = route.position
        distribution = route.distribution
        group = route.group
        limits = route.limits
        responseHeaders = asked.responseHeaders
        pages = [:]
        self.page = page
    }

    /// The routes of a distribution, one for each behavior.
    ///
    /// - Parameters:
    ///   - origins: by the ids of the distribution, which has them all.
    ///   - limits: what behaviors' limits have counted.
    static func all(
        of served: ServedDistribution, origins: [String: OriginTarget], limits: LimitBook
    ) -> [Route] {
        let groups = served.distribution.originGroups.map { OriginGroup($0, origins: origins) }
        let behaviors = served.distribution.allBehaviors
        func route(_ index: Int, pages: [Int: Route] = [:]) -> Route {
            let behavior = behaviors[index]
            let named = groups.first { $0.id == behavior.originId }
            guard let group = named ?? origins[behavior.originId].map(OriginGroup.init) else {
                preconditionFailure("reading the settings resolved every origin")
            }
            return Route(
                behavior: behavior, position: served.firstRoute + index, distribution: served, group: group,
                limits: limits.limits(of: behavior, in: served.distribution.id), pages: pages)
        }
        let pages = served.distribution.errorPages.map { page in
            (
                role: PageRole(page, key: served.cacheKey(path: page.path, query: nil)),
                route: route(served.behaviorIndex(for: page.path))
            )
        }
        return behaviors.indices.map { index in
            let own = pages.map { ($0.role.errorCode, Route($0.route, as: $0.role, for: behaviors[index])) }
            return route(index, pages: Dictionary(own) { _, last in last })
        }
    }

    /// Whether requests of its distribution for a normalised path take this route.
    func covers(_ path: String) -> Bool {
        distribution.firstRoute + distribution.behaviorIndex(for: path) == position
    }

    /// The path and query that a cache key stands for at the origin: no distribution, and nothing behind the first NUL.
    func target(of key: [UInt8]) -> [UInt8] {
        Array(key.dropFirst(distribution.keyPrefix.count).prefix { $0 != 0 })
    }
}
