/// What the edge serves: paths, where they come from, who may read them and how long they are kept.
struct Distribution: Sendable {
    let id: String
    /// Hosts it answers for, in lower case; of meaning where an edge has several distributions.
    var aliases: [String] = []
    /// What is served for `/`; a normalised path.
    var rootPath: String?
    var errorPages: [ErrorPage] = []
    /// The field of responses that holds their tags, in lower case.
    var tagField = "cache-tag"
    let origins: [OriginDeclaration]
    let originGroups: [OriginGroupDeclaration]
    /// In the order of the document; the first match wins.
    let behaviors: [Behavior]
    let defaultBehavior: Behavior

    /// The index in `allBehaviors` of the behavior that answers a normalised path.
    ///
    /// Complexity: O(behaviors).
    func behaviorIndex(for path: UnsafeRawBufferPointer) -> Int {
        behaviors.firstIndex { $0.pattern?.matches(path) == true } ?? behaviors.count
    }

    /// All behaviors, the default one last.
    var allBehaviors: [Behavior] { behaviors + [defaultBehavior] }
}

/// Origins that stand in for each other, in the order they are asked.
struct OriginGroupDeclaration: Sendable, Equatable {
    let id: String
    let originIds: [String]
    /// Statuses for which the next origin is asked.
    let failoverStatuses: Set<Int>
}

/// An origin as the distribution declares it; the process configuration may say where it really stands.
struct OriginDeclaration: Sendable, Equatable {
    let id: String
    /// `host` or `host:port`; empty when only the process configuration knows it.
    let domainName: String
    /// Without a trailing slash.
    let path: String
    let usesTLS: Bool
    let connectTimeoutSeconds: Int
    let connectAttempts: Int
    let readTimeoutSeconds: Int
    let signsRequests: Bool
}
