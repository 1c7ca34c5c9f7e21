/// The output's frames, groups and segments, all counted in whole frames.
///
/// Keyframes at frame numbers, not at times, are what makes the rungs line up exactly, also at 29.97 frames per second.
public struct FrameGrid: Sendable, Equatable {
    /// Frames per second.
    public let rate: Rational
    /// Distance of keyframes in frames: the nearest even number to two seconds, even so that a rung of half the rate fits.
    public let framesPerGroup: Int
    /// Groups in a segment of a regular grid.
    public static let groupsPerSegment = 3
    /// Ticks per second of every time in video tracks; at least 10,000 so that half frames stay whole.
    public let timescale: Int
    /// Ticks from one frame to the next.
    public let ticksPerFrame: Int
    /// Frames at which the segments begin, from 0, where they do not have equal lengths; nil where they do.
    public let cuts: [Int]?
    private let longestSegment: Int

    /// A grid at `rate` with segments of equal length.
    public init(rate: Rational) {
        self.init(rate: rate, checkedCuts: nil)
    }

    /// A grid at `rate` whose segments begin at `cuts`; nil unless these ascend from 0 and, where small rungs have half
    /// the rate, are even.
    public init?(rate: Rational, cuts: [Int]) {
        let isAscending = zip(cuts, cuts.dropFirst()).allSatisfy { $0 < $1 }
        let needsEven = Self.hasHalfRate(rate)
        guard cuts.first == 0, isAscending, !needsEven || cuts.allSatisfy({ $0.isMultiple(of: 2) }) else { return nil }
        self.init(rate: rate, checkedCuts: cuts)
    }

    private init(rate: Rational, checkedCuts: [Int]?) {
        self.rate = rate
        let doubled = 2 * rate.numerator
        let nearest = (2 * doubled + rate.denominator) / (2 * rate.denominator)
        framesPerGroup = max(1, Self.hasHalfRate(rate) ? (nearest + 1) / 2 * 2 : nearest)
        var factor = 1
        while rate.numerator * factor < 10_000 { factor *= 2 }
        timescale = rate.numerator * factor
        ticksPerFrame = rate.denominator * factor
        cuts = checkedCuts
        let regular = framesPerGroup * Self.groupsPerSegment
        // The last segment, which no cut ends, may be a regular one.
        longestSegment = zip(checkedCuts ?? [], checkedCuts?.dropFirst() ?? []).map { $1 - $0 }.reduce(regular, max)
    }

    /// Whether small rungs show every other frame.
    var hasHalfRate: Bool { Self.hasHalfRate(rate) }

    private static func hasHalfRate(_ rate: Rational) -> Bool { rate > Rational(known: 30, 1) }

    /// Frames in every segment but the last of a regular grid, at most in those of another.
    public var framesPerSegment: Int { longestSegment }

    /// Start of a frame in ticks.
    public func ticks(ofFrame frame: Int) -> Int64 { Int64(frame) * Int64(ticksPerFrame) }

    /// The frame whose start is nearest to `time`·`unit` seconds, halves going up; never negative.
    public func frame(nearest time: Int64, unit: Rational) -> Int {
        guard time > 0 else { return 0 }
        let multiplier = UInt64(unit.numerator) * UInt64(rate.numerator)
        let divisor = UInt64(unit.denominator) * UInt64(rate.denominator)
        var (high, low) = UInt64(time).multipliedFullWidth(by: multiplier)
        let (sum, carries) = low.addingReportingOverflow(divisor / 2)
        low = sum
        if carries { high += 1 }
        guard high < divisor else { return Int(Int32.max) }
        return min(Int(clamping: divisor.dividingFullWidth((high, low)).quotient), Int(Int32.max))
    }

    /// Target duration of the playlists: a full segment rounded to whole seconds.
    public var targetDurationSeconds: Int {
        let ticks = framesPerSegment * ticksPerFrame
        return max(1, (2 * ticks + timescale) / (2 * timescale))
    }

    /// Frames per second in thousandths, as FRAME-RATE wants it.
    public func rateThousandths(step: Int) -> Int {
        let divisor = rate.denominator * step
        return (rate.numerator * 2000 + divisor) / (2 * divisor)
    }

    /// Ticks in microseconds, halves up.
    public func microseconds(ticks: Int64) -> Int64 {
        (ticks * 2_000_000 + Int64(timescale)) / (2 * Int64(timescale))
    }

    /// The sample of sound, of `sampleRate` per second, that is nearest to the start of a frame.
    public func sample(atFrame frame: Int, sampleRate: Int) -> Int64 {
        (ticks(ofFrame: frame) * Int64(sampleRate) + Int64(timescale) / 2) / Int64(timescale)
    }
}
