internal import JSON

/// One thing for every edge to do.
public struct EdgeOrder: Sendable, Equatable {
    /// What to forget, in the words of the edge's own `POST /purge`.
    public struct Purge: Sendable, Equatable {
        /// Paths, with their query where it counts.
        public var urls: [String]
        /// Beginnings of paths.
        public var prefixes: [String]
        /// Tags of objects.
        public var tags: [String]

        /// Forgets nothing unless told.
        public init(urls: [String] = [], prefixes: [String] = [], tags: [String] = []) {
            self.urls = urls
            self.prefixes = prefixes
            self.tags = tags
        }
    }

    /// What to forget.
    public var purge: Purge

    /// An order to forget.
    public static func purge(_ purge: Purge) -> EdgeOrder { EdgeOrder(purge: purge) }

    /// An order to forget the media of a video.
    public static func forget(videoId: String) -> EdgeOrder { .purge(Purge(tags: ["video:\(videoId)"])) }

    /// As it stands in the log.
    var document: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var members: JSONObject = [:]
        if !purge.urls.isEmpty { members["urls"] = list(purge.urls) }
        if !purge.prefixes.isEmpty { members["prefixes"] = list(purge.prefixes) }
        if !purge.tags.isEmpty { members["tags"] = list(purge.tags) }
        return ["purge": .object(members)]
    }
}
