/// One thing a presentation must or should do, with the number under which its author states it.
public struct ConformanceRule: Sendable, Hashable {
    /// How much breaking it matters.
    public enum Level: String, Sendable, Comparable {
        /// Players may refuse the presentation or play it wrong.
        case must = "MUST"
        /// It plays, and worse than it could.
        case should = "SHOULD"
        /// For the reader to know: what was not measured, or matters under circumstances that bytes do not show.
        case note = "NOTE"

        /// Worst first.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .must: 0
            case .should: 1
            case .note: 2
            }
        }
    }

    /// Such as "9.13" of Apple's HLS Authoring Specification, "RFC 8216 §4.3.3.1" or "ISO/IEC 14496-12 §8.8.12".
    public let number: String
    /// How much breaking it matters.
    public let level: Level
    /// The rule in a sentence.
    public let statement: String

    init(_ number: String, _ level: Level, _ statement: String) {
        self.number = number
        self.level = level
        self.statement = statement
    }
}
