/// What a check found.
public struct ConformanceReport: Sendable, Equatable {
    /// The outcome as a whole.
    public enum Verdict: String, Sendable {
        /// No MUST is broken.
        case conforms
        /// At least one MUST is broken.
        case violates
        /// The presentation could not be fetched or is none.
        case unchecked
    }

    /// What was looked at.
    public struct Extent: Sendable, Equatable {
        /// Playlists read.
        public var playlists = 0
        /// Media segments measured.
        public var segments = 0
        /// Media segments listed and not measured.
        public var skippedSegments = 0
        /// Bytes fetched, playlists and keys included.
        public var bytes = 0
    }

    /// Where the check began.
    public let address: String
    /// Breaches, worst first, then in the order found; the same breach in many segments is one finding.
    public internal(set) var findings: [Finding] = []
    /// Breaches beyond the most that a report lists.
    public internal(set) var unlistedFindings = 0
    /// Rules the caller asked to leave out, by number.
    public internal(set) var waivedRules: [String] = []
    /// What was looked at.
    public internal(set) var extent = Extent()
    /// What each playlist's bytes say.
    public internal(set) var renditions: [RenditionFacts] = []
    /// Why nothing could be checked; nil when something was.
    public internal(set) var failure: String?

    init(address: String) {
        self.address = address
    }

    /// The outcome as a whole.
    public var verdict: Verdict {
        if failure != nil { return .unchecked }
        return count(of: .must) == 0 ? .conforms : .violates
    }

    /// Findings of a level.
    public func count(of level: ConformanceRule.Level) -> Int { findings.count { $0.rule.level == level } }
}
