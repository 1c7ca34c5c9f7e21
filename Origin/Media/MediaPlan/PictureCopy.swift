public import CMAF

/// The top rung when it is the upload's own pictures, copied as they are coded, in all segments or in some.
public struct PictureCopy: Sendable, Equatable {
    /// Parameter sets that copied pictures refer to.
    public struct ParameterSets: Sendable, Equatable {
        /// The sequence parameter set as it stands in the file.
        public var sequence: [UInt8]
        /// The picture parameter set as it stands in the file.
        public var picture: [UInt8]
        /// By which numbers the copy refers to them.
        public var numbers: AVCParameterSets.Numbers

        /// Describes parameter sets.
        public init(sequence: [UInt8], picture: [UInt8], numbers: AVCParameterSets.Numbers) {
            self.sequence = sequence
            self.picture = picture
            self.numbers = numbers
        }
    }

    /// Segments in a row that are copied.
    public struct Run: Sendable, Equatable {
        /// Their numbers.
        public var segments: ClosedRange<Int>
        /// Index of the parameter sets of their first picture.
        public var sets: Int

        /// Describes a run.
        public init(segments: ClosedRange<Int>, sets: Int) {
            self.segments = segments
            self.sets = sets
        }
    }

    /// What copied pictures refer to, in the order in which they first do.
    public var sets: [ParameterSets]
    /// What is copied, in order, never empty; the segments between are encoded.
    public var runs: [Run]
    /// Frames by which presentation follows decoding at most.
    public var reorderFrames: Int
    /// Colour codes as the stream states them, or else as its size suggests.
    public var colour: EncodedColour
    /// Bits per second of the copied segment that takes most.
    public var peakBitsPerSecond: Int
    /// Bits per second over all that is copied.
    public var averageBitsPerSecond: Int

    /// States how pictures are copied.
    public init(
        sets: [ParameterSets], runs: [Run], reorderFrames: Int, colour: EncodedColour, peakBitsPerSecond: Int,
        averageBitsPerSecond: Int
    ) {
        self.sets = sets
        self.runs = runs
        self.reorderFrames = reorderFrames
        self.colour = colour
        self.peakBitsPerSecond = peakBitsPerSecond
        self.averageBitsPerSecond = averageBitsPerSecond
    }

    /// The number of the parameter sets of what is encoded between.
    public var encodedNumber: Int {
        ParameterNumbering.sequences.first { number in
            !sets.contains { $0.numbers.sequence == number || $0.numbers.picture == number }
        } ?? 0
    }

    /// Segments in a row of `count` that are encoded, in order.
    public func encodedRuns(of count: Int) -> [ClosedRange<Int>] {
        let ends = runs.map(\.segments.upperBound)
        let gaps = zip([0] + ends, runs.map(\.segments.lowerBound) + [count + 1])
        return gaps.compactMap { $0 + 1 < $1 ? $0 + 1...$1 - 1 : nil }
    }

    /// Share of a film of `frames` frames that is copied, 0 to 1.
    public func share(of frames: Int, grid: FrameGrid) -> Double {
        let copied = runs.reduce(0) { sum, run in
            let end = min(grid.firstFrame(ofSegment: run.segments.upperBound + 1), frames)
            return sum + end - grid.firstFrame(ofSegment: run.segments.lowerBound)
        }
        return Double(copied) / Double(max(1, frames))
    }

    /// Sound may begin so much earlier than copied pictures; it loses what comes before them.
    static let longestLead: Int64 = 100_000
    /// Where less can be copied, the work that is saved is less than what is left, and does not pay for segments of uneven
    /// lengths in all sizes and for pictures that change their look where copied and encoded ones meet.
    static let leastShare = 0.5
    /// Parameter sets that share a header; films have one, or one for each part they were joined from.
    static let mostSets = 12
}

extension PictureCopy {
    /// A way to copy pictures.
    struct Proposal {
        let copy: PictureCopy
        /// What the keyframes dictate.
        let grid: FrameGrid
        let decision: MediaPlan.Decision
    }

    /// How the pictures of `media` are copied into the top rung of `video`.
    static func plan(
        of media: ProbedMedia, for video: VideoPlan, rate: Rational, origin: Int64
    ) throws(CopyObstacle) -> Proposal {
        guard let source = media.video, let pictures = media.pictures, let top = video.rungs.last else {
            throw CopyObstacle("there are no pictures")
        }
        let coding = try coding(of: source, in: media)
        try checkShape(of: source)
        let colour = colour(of: source, for: video)
        let used = UsedSets(coding.sets, colour: colour, top: top)
        let faults = used.faults.compactMap { $0 }
        if faults.count == coding.sets.count { throw CopyObstacle(faults[0]) }
        if source.isInterlaced { throw CopyObstacle("the source is interlaced") }
        let short = min(top.width, top.height)
        guard top.frameStep == 1 else {
            throw CopyObstacle("at \(short) lines no more than 30 frames per second are shown, and these are \(rate)")
        }
        let regular = FrameGrid(rate: rate)
        let timeline = Timeline(coding: coding, pictures: pictures, grid: regular, origin: origin, sets: used)
        let segments = CopiedSegments(timeline, limit: Ladder.h264.copiedKilobits(shortSide: short) * 1000)
        guard segments.share >= leastShare, let grid = FrameGrid(rate: rate, cuts: segments.cuts) else {
            let share = Int(segments.share * 100)
            let figures = share > 0 ? "\(share) % of it could be copied, and half is the least; " : ""
            throw CopyObstacle(figures + segments.words("could be"))
        }
        let rates = try segments.rates(lines: short)
        let (sets, runs) = segments.runs(used)
        let copy = PictureCopy(
            sets: sets, runs: runs, reorderFrames: try segments.reorderFrames(), colour: colour,
            peakBitsPerSecond: rates.peak, averageBitsPerSecond: rates.average)
        let missing = segments.isCopied.count { !$0 }
        let extent = missing == 0 ? "" : " but for \(missing) of \(segments.isCopied.count) segments"
        let reason =
            (missing == 0 ? "every player takes it as it is" : segments.words("are"))
            + ": \(rate) even frames per second, IDRs for \(segments.isCopied.count - missing) segments, "
            + "\(rates.peak / 1000) kb/s at most"
        return Proposal(
            copy: copy, grid: grid,
            decision: .init("passthrough", "\(top.name) is copied\(extent)", because: reason))
    }

    private static func coding(of source: ProbedVideo, in media: ProbedMedia) throws(CopyObstacle) -> MeasuredCoding {
        guard source.codec == "h264" else {
            throw CopyObstacle("the pictures are coded as \(source.codec), not as H.264")
        }
        try media.checkCopyable()
        guard media.canSeek else { throw CopyObstacle("the container gives no reliable way to the middle") }
        guard let coding = media.coding else {
            throw CopyObstacle("the container, \(media.container), has no parameter sets in its header")
        }
        guard !coding.sets.isEmpty else {
            throw CopyObstacle("the header does not hold exactly one set of parameters of each kind")
        }
        guard coding.faults.count < MeasuredCoding.mostFaults else {
            throw CopyObstacle("\(coding.faults.count) of its pictures or more cannot be copied")
        }
        return coding
    }

    private static func checkShape(of source: ProbedVideo) throws(CopyObstacle) {
        guard source.orientation == .upright else { throw CopyObstacle("it is to be \(source.orientation.words)") }
        guard source.sampleAspect == .one else {
            throw CopyObstacle("its pixels are \(source.sampleAspect) as wide as high")
        }
        guard source.transfer == .sdr else {
            throw CopyObstacle("it is \(source.transfer.rawValue.uppercased()), not SDR")
        }
        let colour = source.colour
        guard !colour.isFullRange else { throw CopyObstacle("its colours are of full range") }
        guard !colour.isRGB, [2, 1, 5, 6].contains(colour.matrix) else {
            throw CopyObstacle("its colour matrix is number \(colour.matrix), not that of BT.709 or BT.601")
        }
        guard [2, 1, 5, 6].contains(colour.primaries) else {
            throw CopyObstacle("its colour primaries are number \(colour.primaries), not those of BT.709 or BT.601")
        }
        guard [2, 1, 6].contains(colour.transfer) else {
            throw CopyObstacle("its transfer characteristics are number \(colour.transfer), not those of BT.709")
        }
    }

    private static func colour(of source: ProbedVideo, for video: VideoPlan) -> EncodedColour {
        let (stated, usual) = (source.colour, video.colour.encoded)
        return EncodedColour(
            primaries: stated.primaries == 2 ? usual.primaries : stated.primaries,
            transfer: stated.transfer == 2 ? usual.transfer : stated.transfer, matrix: usual.matrix)
    }
}
