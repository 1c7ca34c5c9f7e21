/// One encoded size of the picture.
public struct Rung: Sendable, Equatable {
    /// Folder of the rendition: the short side and "p", such as "720p", behind the codec unless that is H.264.
    public var name: String
    /// How it is coded.
    public var codec: VideoCodec
    /// Pixels per row, even.
    public var width: Int
    /// Rows, even.
    public var height: Int
    /// Bits per second the encoder's buffer model is fed with; the stream never stays above it.
    public var maximumBitsPerSecond: Int
    /// Size of that buffer in bits: one and a half seconds.
    public var bufferBits: Int { maximumBitsPerSecond * 3 / 2 }
    /// The same in seconds.
    static let bufferSeconds = 1.5
    /// Constant rate factor: quality when the cap does not bind.
    public var constantRateFactor: Double
    /// 1: every frame; 2: every other one, for small sizes of fast sources.
    public var frameStep: Int

    /// A size with its rate.
    public init(
        name: String, codec: VideoCodec = .h264, width: Int, height: Int, maximumBitsPerSecond: Int,
        constantRateFactor: Double, frameStep: Int
    ) {
        self.name = name
        self.codec = codec
        self.width = width
        self.height = height
        self.maximumBitsPerSecond = maximumBitsPerSecond
        self.constantRateFactor = constantRateFactor
        self.frameStep = frameStep
    }

    /// Declared before anything is measured: what a 6 s segment can hold at most, and the boxes around it.
    public func declaredPeakBitsPerSecond(segmentSeconds: Double) -> Int {
        let bits = Double(maximumBitsPerSecond) * segmentSeconds + Double(bufferBits)
        return Int(bits / segmentSeconds * 1.02) + 16_000
    }
}

/// Apple's ladder of one codec by the picture's short side, never above the source.
struct Ladder {
    struct Step {
        let shortSide: Int
        let kilobitsPerSecond: Int
        /// The highest rate the table has for the size, which pictures that are copied may take.
        var copiedKilobitsPerSecond: Int?
        let isSlow: Bool
    }

    let codec: VideoCodec
    let steps: [Step]
    /// Quality where the rate does not bind, in the encoder's own numbers.
    let constantRateFactor: Double
    /// The shortest side that the encoder takes.
    let shortestSide: Int

    /// The ladder of a codec.
    static func of(_ codec: VideoCodec) -> Ladder {
        switch codec {
        case .h264: h264
        case .hevc: hevc
        case .av1: av1
        }
    }

    /// HLS Authoring Specification, H.264 table: one rate per size; up to 432 lines at most 30 frames per second.
    static let h264 = Ladder(
        codec: .h264,
        steps: [
            Step(shortSide: 234, kilobitsPerSecond: 145, isSlow: true),
            Step(shortSide: 360, kilobitsPerSecond: 365, isSlow: true),
            Step(shortSide: 432, kilobitsPerSecond: 1100, isSlow: true),
            Step(shortSide: 540, kilobitsPerSecond: 2000, isSlow: false),
            Step(shortSide: 720, kilobitsPerSecond: 3000, copiedKilobitsPerSecond: 4500, isSlow: false),
            Step(shortSide: 1080, kilobitsPerSecond: 6000, copiedKilobitsPerSecond: 7800, isSlow: false),
        ], constantRateFactor: 22, shortestSide: 2)

    /// The same of HEVC in standard dynamic range. x265 takes no picture smaller than a coding tree unit.
    static let hevc = Ladder(
        codec: .hevc,
        steps: [
            Step(shortSide: 360, kilobitsPerSecond: 145, isSlow: true),
            Step(shortSide: 432, kilobitsPerSecond: 300, isSlow: true),
            Step(shortSide: 540, kilobitsPerSecond: 1600, isSlow: false),
            Step(shortSide: 720, kilobitsPerSecond: 2400, isSlow: false),
            Step(shortSide: 1080, kilobitsPerSecond: 4500, isSlow: false),
            Step(shortSide: 1440, kilobitsPerSecond: 8100, isSlow: false),
            Step(shortSide: 2160, kilobitsPerSecond: 11600, isSlow: false),
        ], constantRateFactor: 24, shortestSide: 64)

    /// The table has no rates of AV1; those of HEVC are enough for it. SVT-AV1 takes no picture smaller than a superblock.
    static let av1 = Ladder(codec: .av1, steps: hevc.steps, constantRateFactor: 35, shortestSide: 64)

    /// Rungs, lowest first, for an upright picture of square pixels; none where it is too small for the codec.
    func rungs(width: Int, height: Int, rate: Rational) -> [Rung] {
        let top = min(Self.evenDown(min(width, height)), steps[steps.count - 1].shortSide)
        var sides = steps.map(\.shortSide).filter { $0 * 110 <= top * 100 }
        // One variant alone leaves a slow connection no choice (HLS Authoring Specification 9.9).
        let isAlone = sides.isEmpty
        sides += isAlone ? [Self.evenDown(top * 2 / 3), top] : [top]
        return sides.filter { $0 >= shortestSide }.map { side in
            let isSlow = side <= 432 && rate > Rational(known: 30, 1)
            let size = Self.scaled(width: width, height: height, shortSide: side)
            let kilobits = kilobits(shortSide: isAlone ? top : side) / (isAlone && side < top ? 2 : 1)
            return Rung(
                name: codec == .h264 ? "\(side)p" : "\(codec.rawValue)-\(side)p", codec: codec, width: size.width,
                height: size.height, maximumBitsPerSecond: kilobits * 1000, constantRateFactor: constantRateFactor,
                frameStep: isSlow ? 2 : 1)
        }
    }

    /// The table's rate for pictures that are encoded.
    func kilobits(shortSide: Int) -> Int { kilobits(shortSide: shortSide) { $0.kilobitsPerSecond } }

    /// The highest of the table for pictures that are copied.
    func copiedKilobits(shortSide: Int) -> Int {
        kilobits(shortSide: shortSide) { $0.copiedKilobitsPerSecond ?? $0.kilobitsPerSecond }
    }

    /// The table's rate, or between two of its rows in proportion to the pixels.
    private func kilobits(shortSide: Int, of rate: (Step) -> Int) -> Int {
        guard let above = steps.firstIndex(where: { $0.shortSide >= shortSide }) else {
            return rate(steps[steps.count - 1])
        }
        let high = steps[above]
        if high.shortSide == shortSide || above == 0 { return rate(high) }
        let low = steps[above - 1]
        let area = { (side: Int) in Double(side * side) }
        let share = (area(shortSide) - area(low.shortSide)) / (area(high.shortSide) - area(low.shortSide))
        return rate(low) + Int(share * Double(rate(high) - rate(low)))
    }

    static func scaled(width: Int, height: Int, shortSide: Int) -> (width: Int, height: Int) {
        let short = evenDown(min(width, height))
        let long = max(width, height)
        var scaledLong = evenNearest(long * shortSide, short)
        var scaledShort = shortSide
        if scaledLong > 4096 {
            scaledShort = max(16, evenNearest(scaledShort * 4096, scaledLong))
            scaledLong = 4096
        }
        return width < height ? (scaledShort, scaledLong) : (scaledLong, scaledShort)
    }

    /// The even number nearest to `numerator`/`denominator`, at least 2.
    static func evenNearest(_ numerator: Int, _ denominator: Int) -> Int {
        max(2, (numerator + denominator) / (2 * denominator) * 2)
    }

    static func evenDown(_ value: Int) -> Int { max(2, value / 2 * 2) }
}
