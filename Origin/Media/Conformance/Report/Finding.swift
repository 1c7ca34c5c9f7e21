/// One breach of a rule, in one place or in many places of one playlist.
public struct Finding: Sendable, Equatable {
    /// Where something is wrong.
    public struct Place: Sendable, Equatable {
        /// Address of the playlist.
        public var playlist: String
        /// Line in the playlist, counted from 1; nil when the whole is meant.
        public var line: Int?
        /// Segment, counted from 1 in the order of the playlist; nil when no single one is meant.
        public var segment: Int?

        /// A place in `playlist`.
        public init(_ playlist: String, line: Int? = nil, segment: Int? = nil) {
            self.playlist = playlist
            self.line = line
            self.segment = segment
        }
    }

    /// The rule that is broken.
    public let rule: ConformanceRule
    /// The first place.
    public let place: Place
    /// What the presentation says of itself; nil when the rule is not about a statement.
    public let stated: String?
    /// What its bytes say.
    public let measured: String?
    /// In a sentence for a person, with the way out where there is one.
    public let message: String
    /// In how many places of this playlist the rule is broken like this.
    public internal(set) var occurrences = 1
}
