/// Gathers findings: one for each breach, or one for a breach in many segments of a playlist.
struct FindingCollector {
    /// More findings than this are counted only.
    static let most = 500

    private let waived: Set<String>
    private(set) var findings: [Finding] = []
    private(set) var unlisted = 0
    private var repeated: [Repetition: Int] = [:]

    private struct Repetition: Hashable {
        let rule: ConformanceRule
        let playlist: String
        let aspect: String
    }

    init(waived: Set<String>) { self.waived = waived }

    mutating func add(
        _ rule: ConformanceRule, at place: Finding.Place, stated: String? = nil, measured: String? = nil,
        _ message: String
    ) {
        guard !waived.contains(rule.number) else { return }
        guard findings.count < Self.most else {
            unlisted += 1
            return
        }
        findings.append(
            Finding(rule: rule, place: place, stated: stated, measured: measured, message: message))
    }

    /// For what may be in every segment: the first place is reported, the others are counted.
    ///
    /// - Parameter aspect: tells different breaches of one rule in one playlist apart.
    mutating func addRepeated(
        _ rule: ConformanceRule, aspect: String = "", at place: Finding.Place, stated: String? = nil,
        measured: String? = nil, _ message: @autoclosure () -> String
    ) {
        let key = Repetition(rule: rule, playlist: place.playlist, aspect: aspect)
        if let index = repeated[key] {
            findings[index].occurrences += 1
            return
        }
        let before = findings.count
        add(rule, at: place, stated: stated, measured: measured, message())
        if findings.count > before { repeated[key] = before }
    }

    /// Worst first, then in the order found.
    var sorted: [Finding] {
        findings.enumerated().sorted {
            ($0.element.rule.level, $0.offset) < ($1.element.rule.level, $1.offset)
        }.map(\.element)
    }
}
