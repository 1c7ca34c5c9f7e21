/// Small pictures that are made of the frames the sizes are made of, about one a second: keyframes for playing fast, a
/// storyboard for the seek bar, and of every segment the one that stands best for it.
public struct ByProductPlan: Sendable, Equatable {
    /// Keyframes of one size.
    public struct TrickPlay: Sendable, Equatable {
        /// The rung whose scaled pictures become keyframes.
        public var rung: Int
        /// Bits per second that they stay below.
        public var maximumBitsPerSecond: Int

        /// States a plan.
        public init(rung: Int, maximumBitsPerSecond: Int) {
            self.rung = rung
            self.maximumBitsPerSecond = maximumBitsPerSecond
        }
    }

    /// Keyframes for playing fast, lowest first: two sizes, since connections differ in this as well.
    public var trickPlays: [TrickPlay]
    /// Width of a small picture, even.
    public var tileWidth: Int
    /// Height of a small picture, even.
    public var tileHeight: Int

    /// The rung whose scaled pictures the storyboard is made from: that of the smallest keyframes.
    public var storyboardRung: Int { trickPlays[0].rung }
    /// The rung whose scaled pictures posters are chosen from: that of the largest keyframes.
    public var posterRung: Int { trickPlays[trickPlays.count - 1].rung }

    /// The rungs whose scaled pictures are used: storyboard and posters are made of those of the keyframes.
    public var rungs: [Int] { trickPlays.map(\.rung) }

    /// Folder of the storyboard.
    public static let storyboardName = "storyboard"
    /// Folder of the posters.
    public static let posterName = "poster"
    /// Constant rate factor of the keyframes, which are seen for a moment.
    public static let trickPlayConstantRateFactor = 26.0
    /// Longer side of a small picture in pixels.
    private static let tileSide = 160
    /// Shorter side of the largest keyframes.
    private static let trickPlayShortSide = 540

    /// States a plan.
    public init(trickPlays: [TrickPlay], tileWidth: Int, tileHeight: Int) {
        self.trickPlays = trickPlays
        self.tileWidth = tileWidth
        self.tileHeight = tileHeight
    }

    /// For sizes `rungs`, lowest first.
    init(rungs: [Rung]) {
        let largest = rungs.lastIndex { min($0.width, $0.height) <= Self.trickPlayShortSide } ?? 0
        trickPlays = (largest > 0 ? [0, largest] : [0]).map { index in
            // Apple's table: an average of 250 kb/s at 540 lines; peaks may be twice that.
            let pixels = rungs[index].width * rungs[index].height
            return TrickPlay(rung: index, maximumBitsPerSecond: max(40_000, 500_000 * pixels / (960 * 540)))
        }
        let lowest = rungs[0]
        let long = max(lowest.width, lowest.height)
        tileWidth = Ladder.evenNearest(lowest.width * min(Self.tileSide, long), long)
        tileHeight = Ladder.evenNearest(lowest.height * min(Self.tileSide, long), long)
    }
}

extension FrameGrid {
    /// Small pictures in a full segment.
    public var samplesPerSegment: Int { targetDurationSeconds }

    /// Frames from one small picture to the next within a segment: about a second.
    public var framesPerSample: Int { (framesPerSegment + samplesPerSegment - 1) / samplesPerSegment }

    /// The frames of segment `number` of which small pictures are made.
    public func samples(ofSegment number: Int, total: Int) -> [Int] {
        Array(
            stride(
                from: firstFrame(ofSegment: number), to: frames(ofSegment: number, total: total).upperBound,
                by: framesPerSample))
    }

    /// Whether a small picture is made of `frame`.
    public func isSample(_ frame: Int) -> Bool {
        (frame - firstFrame(ofSegment: segment(ofFrame: frame))).isMultiple(of: framesPerSample)
    }
}
