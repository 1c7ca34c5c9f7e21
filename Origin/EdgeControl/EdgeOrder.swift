public import Catalog
internal import JSON

/// One thing for every edge to do.
public enum EdgeOrder: Sendable, Equatable {
    /// To forget.
    case purge(Purge)
    /// To verify signatures with these keys from now on and with no others.
    case keys(TrustedKeyGroups)

    /// What to forget, in the words of the edge's own `POST /purge`.
    public struct Purge: Sendable, Equatable {
        /// The distribution whose objects it is about; nil for those of all.
        public var distribution: String?
        /// Paths, with their query where it counts.
        public var urls: [String]
        /// Beginnings of paths.
        public var prefixes: [String]
        /// Tags of objects.
        public var tags: [String]

        /// Forgets nothing unless told.
        public init(
            distribution: String? = nil, urls: [String] = [], prefixes: [String] = [], tags: [String] = []
        ) {
            self.distribution = distribution
            self.urls = urls
            self.prefixes = prefixes
            self.tags = tags
        }
    }

    /// An order to forget the media of a video.
    public static func forget(videoId: String) -> EdgeOrder { .purge(Purge(tags: ["video:\(videoId)"])) }

    /// As it stands in the log.
    var document: JSONValue {
        switch self {
        case .purge(let purge): ["purge": purge.document]
        case .keys(let groups): ["keys": groups.document]
        }
    }
}

extension EdgeOrder.Purge {
    fileprivate var document: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var members: JSONObject = [:]
        if let distribution { members["distribution"] = .string(distribution) }
        if !urls.isEmpty { members["urls"] = list(urls) }
        if !prefixes.isEmpty { members["prefixes"] = list(prefixes) }
        if !tags.isEmpty { members["tags"] = list(tags) }
        return .object(members)
    }
}

/// All key groups of this origin, each with every key that edges verify with.
///
/// Always the whole of it: whoever has read the last one knows everything. A group whose keys are all retired is there, and empty.
public struct TrustedKeyGroups: Sendable, Equatable {
    private struct Key: Sendable, Equatable {
        let id: String
        let publicKey: String
    }

    private let groups: [String: [Key]]

    /// The groups as a transaction sees them.
    public init(_ reader: any CatalogReader) throws {
        var groups: [String: [Key]] = [:]
        for id in try reader.signingKeyGroups() { groups[id] = [] }
        for key in try reader.unretiredSigningKeys() {
            groups[key.groupId, default: []].append(Key(id: key.id, publicKey: key.publicKey))
        }
        self.groups = groups
    }

    /// `{"groups": {"GROUP": [{"id", "publicKey"}]}}`, the keys in PEM.
    var document: JSONValue {
        var members: JSONObject = [:]
        for (id, keys) in groups.sorted(by: { $0.key < $1.key }) {
            members[id] = .array(keys.map { ["id": .string($0.id), "publicKey": .string($0.publicKey)] })
        }
        return ["groups": .object(members)]
    }
}
