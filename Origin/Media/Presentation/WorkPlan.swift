public import JSON

/// What probing an upload ends with.
public struct WorkPlan: Sendable, Equatable {
    /// What will be produced.
    public var outline: PresentationOutline
    /// Every decision that shapes the bytes, for whoever does a unit; read by that process alone.
    public var media: JSONValue
    /// The work, best done in this order; numbered from 1.
    public var units: [UnitOutline]

    /// Plans work.
    public init(outline: PresentationOutline, media: JSONValue, units: [UnitOutline]) {
        self.outline = outline
        self.media = media
        self.units = units
    }

    /// The cost of a unit in seconds of output, a second of 1280×720 at 30 frames per second counting as one.
    public func effortSeconds(of unit: UnitOutline) -> Double {
        let segments = Double(unit.segments.count)
        let seconds = min(segments * Double(outline.targetDurationSeconds), outline.durationSeconds)
        return unit.renditions.reduce(0) { $0 + outline.renditions[$1].effort * seconds }
    }
}

/// One piece of work on an upload: a run of whole segments of some renditions.
///
/// Done again it gives the same bytes, whoever does it.
public struct UnitOutline: Sendable, Equatable {
    /// What is done.
    public enum Kind: String, Sendable {
        /// A span of the pictures is decoded once and encoded in some sizes.
        case pictures
        /// All sound from beginning to end, since an encoder of sound cannot begin in the middle.
        case sound
    }

    /// Place in the order of work, from 1; 0 is the probe.
    public var number: Int
    /// What is done.
    public var kind: Kind
    /// Indices in the outline of the renditions that are made, in ascending order.
    public var renditions: [Int]
    /// Numbers of the segments that are made.
    public var segments: ClosedRange<Int>
    /// Most memory the work takes, in MiB, as estimated.
    public var memoryMebibytes: Int
    /// What only the process that does it understands.
    public var detail: JSONValue

    /// Outlines a unit.
    public init(
        number: Int, kind: Kind, renditions: [Int], segments: ClosedRange<Int>, memoryMebibytes: Int, detail: JSONValue
    ) {
        self.number = number
        self.kind = kind
        self.renditions = renditions
        self.segments = segments
        self.memoryMebibytes = memoryMebibytes
        self.detail = detail
    }
}
