internal import Presentation

/// What a child says of its unit, held against what it was asked for. Pure: one method per event, each of which answers where
/// the event's bytes belong or throws what is wrong with it, after which the child cannot be trusted any further.
struct UnitTranscript {
    struct Violation: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    /// What was asked for.
    enum Request: Sendable {
        case plan
        case segments(PresentationOutline, UnitOutline)
    }

    /// Most units a plan may have.
    static let maximumUnits = 20_000
    /// Largest init segment.
    static let maximumInitializationBytes = 1 << 20

    private let request: Request
    /// The plan, once it was said.
    private(set) var plan: WorkPlan?
    /// Renditions whose init segment is yet to come.
    private var uninitialized: [Int] = []
    /// The number each rendition goes on with.
    private var next: [Int: Int] = [:]

    init(_ request: Request) {
        self.request = request
        if case .segments(_, let unit) = request {
            for rendition in unit.renditions { next[rendition] = unit.segments.lowerBound }
        }
    }

    mutating func planned(_ plan: WorkPlan) throws(Violation) {
        guard case .plan = request else { throw Violation("it planned again") }
        guard self.plan == nil else { throw Violation("it planned twice") }
        guard plan.units.count <= Self.maximumUnits else { throw Violation("\(plan.units.count) units are too many") }
        for rendition in plan.outline.renditions.indices {
            var end = 0
            let spans = plan.units.filter { $0.renditions.contains(rendition) }.map(\.segments)
            for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                guard span.lowerBound == end + 1 else {
                    throw Violation("the units do not make rendition \(rendition) without gap or overlap")
                }
                end = span.upperBound
            }
            guard end > 0 else { throw Violation("no unit makes rendition \(rendition)") }
        }
        self.plan = plan
        uninitialized = plan.outline.renditions.indices.filter { plan.outline.renditions[$0].hasInitialization }
    }

    /// The folder that the init segment of `rendition` belongs in.
    mutating func initialization(of rendition: Int, bytes: Int) throws(Violation) -> String {
        guard let renditions = plan?.outline.renditions else { throw Violation("an init segment before the plan") }
        guard rendition == uninitialized.first else {
            throw Violation("the init segment of rendition \(rendition) is not the next one")
        }
        guard (1...Self.maximumInitializationBytes).contains(bytes) else {
            throw Violation("an init segment of \(bytes) bytes")
        }
        uninitialized.removeFirst()
        return renditions[rendition].name
    }

    /// The path that a segment belongs at.
    mutating func segment(
        _ number: Int, of rendition: Int, bytes: Int, durationMicroseconds: Int64,
        fragments: [StoredSegment.Fragment] = []
    ) throws(Violation) -> String {
        guard case .segments(let outline, let unit) = request else { throw Violation("a segment of a probe") }
        guard let expected = next[rendition] else { throw Violation("rendition \(rendition) is not of this unit") }
        guard number == expected, number <= unit.segments.upperBound else {
            throw Violation("segment \(number) of rendition \(rendition) is not the next one of this unit")
        }
        let limit = Int64(outline.targetDurationSeconds) * 1_000_000 + 500_000
        guard (1...limit).contains(durationMicroseconds) else {
            throw Violation("a segment of \(durationMicroseconds) µs")
        }
        guard bytes > 0, bytes <= Self.largestSegment(outline.renditions[rendition], durationMicroseconds) else {
            throw Violation("a segment of \(bytes) bytes")
        }
        let isWhole =
            fragments.reduce(0) { $0 + $1.bytes } == bytes
            && fragments.reduce(0) { $0 + $1.durationMicroseconds } == durationMicroseconds
        guard fragments.isEmpty != outline.renditions[rendition].isTrickPlay, fragments.isEmpty || isWhole else {
            throw Violation("\(fragments.count) fragments that are not segment \(number) of rendition \(rendition)")
        }
        next[rendition] = number + 1
        return outline.renditions[rendition].path(ofSegment: number)
    }

    /// Whether everything that was asked for has been said.
    func finished() throws(Violation) {
        switch request {
        case .plan:
            guard plan != nil, uninitialized.isEmpty else {
                throw Violation("it finished without a plan and all init segments")
            }
        case .segments(_, let unit):
            for (rendition, number) in next where number <= unit.segments.upperBound {
                throw Violation("it finished without segment \(number) of rendition \(rendition)")
            }
        }
    }

    /// Four times what the declared peak allows, and 4 MiB for the first picture of a short segment.
    private static func largestSegment(_ rendition: RenditionOutline, _ durationMicroseconds: Int64) -> Int {
        (4 << 20) + Int(Double(rendition.declaredPeak) / 8 * Double(durationMicroseconds) / 1_000_000 * 4)
    }
}
