extension VideoPlan {
    init(
        for source: ProbedVideo, rate: Rational, preset: String, codecs: [VideoCodec], limits: MediaPlan.Limits,
        decisions: inout [MediaPlan.Decision]
    ) throws(MediaRejection) {
        try Self.check(width: source.width, height: source.height, limits: limits)
        streamIndex = source.streamIndex
        sourceWidth = source.width
        sourceHeight = source.height
        orientation = source.orientation
        deinterlaces = source.isInterlaced
        colour = ColourPlan(for: source)
        self.preset = preset
        copy = nil
        // Square pixels by widening or narrowing, so that no row is invented.
        let aspect = source.sampleAspect
        let isSane = aspect.value > 0.1 && aspect.value < 10
        let square = isSane ? source.width * aspect.numerator / aspect.denominator : source.width
        let (width, height) = orientation.transposes ? (source.height, square) : (square, source.height)
        guard width >= 16, height >= 16 else {
            throw MediaRejection(
                "The picture is \(source.width)×\(source.height); the smallest allowed side is 16 pixels.")
        }
        rungs = Ladder.h264.rungs(width: width, height: height, rate: rate)
        let others = codecs.filter { $0 != .h264 }
        let ladders = others.map { Ladder.of($0).rungs(width: width, height: height, rate: rate) }
        alternatives = ladders.flatMap { $0 }
        byProducts = ByProductPlan(rungs: rungs)
        if orientation != .upright {
            decisions.append(
                .init("orientation", orientation.words, because: "the container's display matrix asks for it"))
        }
        if aspect != .one {
            let choice = isSane ? "\(square)×\(source.height) square pixels" : "kept as coded"
            decisions.append(.init("pixelAspect", choice, because: "the source's pixels are \(aspect) as wide as high"))
        }
        noteFields(of: source, decisions: &decisions)
        if toneMaps {
            let reason = "the source is \(source.transfer.rawValue.uppercased()); every player needs an SDR stream"
            decisions.append(.init("toneMap", "Hable curve to BT.709", because: reason))
        }
        let reason = "Apple's H.264 ladder by the short side of \(width)×\(height), nothing above the source"
        decisions.append(.init("ladder", Self.words(rungs), because: reason))
        for (codec, ladder) in zip(others, ladders) {
            let reason =
                ladder.isEmpty
                ? "its encoder takes no picture of \(width)×\(height)"
                : "asked for of this video; Apple's rates for HEVC, made when all in H.264 is done"
            decisions.append(
                .init("\(codec.rawValue)Ladder", ladder.isEmpty ? "none" : Self.words(ladder), because: reason))
        }
        if sizes.contains(where: { $0.frameStep == 2 }) {
            decisions.append(.init("lowRungs", "half the frame rate", because: "sizes up to 432 lines stay within 30"))
        }
    }

    private static func words(_ rungs: [Rung]) -> String {
        rungs.reversed().map { "\($0.name) \($0.width)×\($0.height)" }.joined(separator: ", ")
    }

    private func noteFields(of source: ProbedVideo, decisions: inout [MediaPlan.Decision]) {
        if deinterlaces {
            let reason =
                source.isDeclaredInterlaced == true
                ? "the source is interlaced" : "its first frames are interlaced, though the container does not say so"
            decisions.append(.init("deinterlace", "bwdif, one frame per field", because: reason))
        } else if source.isDeclaredInterlaced == true {
            let reason = "the container calls the source interlaced, but its first frames are whole pictures"
            decisions.append(.init("deinterlace", "no", because: reason))
        }
    }

    /// Refuses frames too large to decode; called as soon as the container says a size, before anything is decoded.
    public static func check(width: Int, height: Int, limits: MediaPlan.Limits) throws(MediaRejection) {
        guard width > 0, height > 0 else { throw MediaRejection("The file does not say how large its picture is.") }
        let isSmallEnough = width <= limits.maximumSide && height <= limits.maximumSide
        guard isSmallEnough, width * height <= limits.maximumPixels else {
            let megapixels = limits.maximumPixels / 1_000_000
            throw MediaRejection(
                "The picture is \(width)×\(height) pixels; Weir takes up to \(megapixels) megapixels (8192×4320, 8K).")
        }
    }

    /// The size at which a unit reads the pictures that it needs as `wanted`, sizes of one ladder: the ladder's top, as which
    /// they often pass untouched.
    ///
    /// Tone mapping computes each pixel in floating point, and deinterlacing each several times; both are done at the largest
    /// size that is wanted.
    public func readRung(for wanted: [Int]) -> Int {
        let largest = wanted.max() ?? 0
        if toneMaps || deinterlaces { return largest }
        return (alternativeLadders.first { $0.contains(largest) }?.upperBound ?? rungs.count) - 1
    }

    /// The larger size that size `index` is scaled from when `made` are made of pictures read as `read`; nil for those.
    ///
    /// Twice the size is enough to scale from without loss, and far cheaper than the full picture.
    public func source(ofRung index: Int, among made: [Int], read: Int) -> Int? {
        guard index < read else { return nil }
        return made.first { $0 > index && sizes[$0].width >= 2 * sizes[index].width - 2 } ?? read
    }
}
