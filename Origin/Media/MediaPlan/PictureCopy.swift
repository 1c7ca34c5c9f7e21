/// The top rung when it is the upload's own pictures, copied as they are coded.
public struct PictureCopy: Sendable, Equatable {
    /// Frames by which presentation follows decoding at most.
    public var reorderFrames: Int
    /// Colour codes as the stream states them, or else as its size suggests.
    public var colour: EncodedColour
    /// Bits per second of the segment that takes most.
    public var peakBitsPerSecond: Int
    /// Bits per second over the whole.
    public var averageBitsPerSecond: Int

    /// States how pictures are copied.
    public init(reorderFrames: Int, colour: EncodedColour, peakBitsPerSecond: Int, averageBitsPerSecond: Int) {
        self.reorderFrames = reorderFrames
        self.colour = colour
        self.peakBitsPerSecond = peakBitsPerSecond
        self.averageBitsPerSecond = averageBitsPerSecond
    }

    /// Sound may begin so much earlier than copied pictures; it loses what comes before them.
    static let longestLead: Int64 = 100_000
}

extension PictureCopy {
    /// Why pictures are not copied: the first reason, with its figure.
    struct Obstacle: Error, Equatable {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// How the pictures of `media` are copied into the top rung of `video`, and the grid that their keyframes dictate.
    static func plan(
        of media: ProbedMedia, for video: VideoPlan, rate: Rational, origin: Int64
    ) throws(Obstacle) -> (copy: PictureCopy, grid: FrameGrid) {
        guard let source = media.video, let pictures = media.pictures, let top = video.rungs.last else {
            throw Obstacle("there are no pictures")
        }
        let coding = try coding(of: source, in: media)
        try checkCoding(coding)
        try checkShape(of: source, coding: coding, for: video)
        guard top.frameStep == 1 else {
            throw Obstacle("at \(short(top)) lines no more than 30 frames per second are shown, and these are \(rate)")
        }
        let regular = FrameGrid(rate: rate)
        let places = try places(of: coding, pictures, grid: regular, origin: origin)
        let timeline = Timeline(coding: coding, places: places, grid: regular)
        let reorder = try timeline.reorderFrames()
        let cuts = try timeline.cuts()
        guard let grid = FrameGrid(rate: rate, cuts: cuts) else { throw Obstacle("its keyframes are no cuts") }
        let rates = try timeline.rates(of: cuts, limit: Ladder.copiedKilobits(shortSide: short(top)) * 1000, top: top)
        let copy = PictureCopy(
            reorderFrames: reorder, colour: colour(of: source, for: video), peakBitsPerSecond: rates.peak,
            averageBitsPerSecond: rates.average)
        return (copy, grid)
    }

    private static func coding(of source: ProbedVideo, in media: ProbedMedia) throws(Obstacle) -> MeasuredCoding {
        guard source.codec == "h264" else { throw Obstacle("the pictures are coded as \(source.codec), not as H.264") }
        if media.breaksOff { throw Obstacle("the file breaks off") }
        if media.clockLeaps > 0 { throw Obstacle("the file's clock leaps \(media.clockLeaps) times") }
        guard media.canSeek else { throw Obstacle("the container gives no reliable way to the middle") }
        guard let coding = media.coding else {
            throw Obstacle("the container, \(media.container), has no parameter sets in its header")
        }
        return coding
    }

    private static func checkCoding(_ coding: MeasuredCoding) throws(Obstacle) {
        guard let header = coding.header else {
            throw Obstacle("the header does not hold exactly one set of parameters of each kind")
        }
        // Baseline without constraint_set1 may order slices in ways that players do not know.
        let isPlain = [77, 100].contains(header.profile) || header.profile == 66 && header.constraints & 0x40 != 0
        guard isPlain else {
            let profile = header.profile == 66 ? "unconstrained Baseline" : "number \(header.profile)"
            throw Obstacle("its profile is \(profile), not constrained Baseline, Main or High")
        }
        guard header.bitDepth == 8 else { throw Obstacle("a sample has \(header.bitDepth) bits, not 8") }
        guard header.chromaFormat == 1 else { throw Obstacle("its chroma format is \(header.chromaFormat), not 4:2:0") }
        guard header.isProgressive else { throw Obstacle("it may be coded by fields") }
        guard header.level <= 52 else {
            throw Obstacle("its level is \(header.level / 10).\(header.level % 10), above 5.2")
        }
        if let obstacle = coding.obstacle { throw Obstacle(obstacle) }
    }

    private static func checkShape(
        of source: ProbedVideo, coding: MeasuredCoding, for video: VideoPlan
    ) throws(Obstacle) {
        if source.isInterlaced { throw Obstacle("the source is interlaced") }
        guard source.orientation == .upright else { throw Obstacle("it is to be \(source.orientation.words)") }
        guard source.sampleAspect == .one else {
            throw Obstacle("its pixels are \(source.sampleAspect) as wide as high")
        }
        guard source.transfer == .sdr else { throw Obstacle("it is \(source.transfer.rawValue.uppercased()), not SDR") }
        let colour = source.colour
        guard !colour.isFullRange else { throw Obstacle("its colours are of full range") }
        guard !colour.isRGB, [2, 1, 5, 6].contains(colour.matrix) else {
            throw Obstacle("its colour matrix is number \(colour.matrix), not that of BT.709 or BT.601")
        }
        guard [2, 1, 5, 6].contains(colour.primaries) else {
            throw Obstacle("its colour primaries are number \(colour.primaries), not those of BT.709 or BT.601")
        }
        guard [2, 1, 6].contains(colour.transfer) else {
            throw Obstacle("its transfer characteristics are number \(colour.transfer), not those of BT.709")
        }
        guard let top = video.rungs.last, let header = coding.header else { return }
        guard (top.width, top.height) == (header.width, header.height) else {
            throw Obstacle(
                "it is \(header.width)×\(header.height), and the largest size made is \(top.width)×\(top.height)")
        }
    }

    /// The frame that each picture is shown as, in decoding order: every one exactly once.
    private static func places(
        of coding: MeasuredCoding, _ pictures: MeasuredPictures, grid: FrameGrid, origin: Int64
    ) throws(Obstacle) -> [Int] {
        guard coding.pictures.count == pictures.times.count else {
            throw Obstacle("an edit leaves out pictures: \(pictures.times.count) of \(coding.pictures.count) are shown")
        }
        for (index, time) in pictures.times.enumerated() {
            let place = grid.place(of: time, unit: pictures.unit, origin: origin)
            guard place == index else {
                throw Obstacle(
                    "at \(grid.rate) frames per second, picture \(index + 1) is due as frame \(place + 1): "
                        + "its frames do not come evenly")
            }
        }
        guard grid.outputFrames(of: pictures, origin: origin) == pictures.times.count else {
            throw Obstacle("its last picture is shown for longer than a frame")
        }
        return coding.pictures.map { grid.place(of: $0.presentation, unit: pictures.unit, origin: origin) }
    }

    private static func colour(of source: ProbedVideo, for video: VideoPlan) -> EncodedColour {
        let (stated, usual) = (source.colour, video.colour.encoded)
        return EncodedColour(
            primaries: stated.primaries == 2 ? usual.primaries : stated.primaries,
            transfer: stated.transfer == 2 ? usual.transfer : stated.transfer, matrix: usual.matrix)
    }

    private static func short(_ rung: Rung) -> Int { min(rung.width, rung.height) }
}
