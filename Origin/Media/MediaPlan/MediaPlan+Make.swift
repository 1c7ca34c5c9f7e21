extension MediaPlan {
    /// Bounds that keep one upload from eating the machine.
    public struct Limits: Sendable, Equatable {
        /// Pixels of a decoded frame; default 8192 × 4352.
        public var maximumPixels: Int
        /// Either side of a frame in pixels.
        public var maximumSide: Int
        /// Declared length in seconds; default 12 hours.
        public var maximumSeconds: Double
        /// Sound renditions made of one upload.
        public var maximumAudioStreams: Int

        /// Default bounds unless given.
        public init(
            maximumPixels: Int = 8192 * 4352, maximumSide: Int = 16_384, maximumSeconds: Double = 43_200,
            maximumAudioStreams: Int = 8
        ) {
            self.maximumPixels = maximumPixels
            self.maximumSide = maximumSide
            self.maximumSeconds = maximumSeconds
            self.maximumAudioStreams = maximumAudioStreams
        }
    }

    /// Plans an upload or says why it cannot be one.
    public init(for media: ProbedMedia, limits: Limits = Limits()) throws(MediaRejection) {
        guard media.video != nil || !media.audio.isEmpty else {
            throw MediaRejection("This file holds neither pictures nor sound that Weir can decode.")
        }
        if let seconds = media.durationSeconds, seconds > limits.maximumSeconds {
            let hours = Int(limits.maximumSeconds / 3600)
            throw MediaRejection(
                "This file says it lasts \(Int(seconds / 3600)) hours; the longest allowed is \(hours).")
        }
        var decisions: [Decision] = []
        if let source = media.video {
            let choice = FrameRateChoice(video: source)
            grid = FrameGrid(rate: choice.rate)
            decisions.append(Decision("frameRate", choice.rate.description, because: choice.reason))
            video = try VideoPlan(for: source, rate: choice.rate, limits: limits, decisions: &decisions)
        } else {
            grid = FrameGrid(rate: Rational(known: 25, 1))
            decisions.append(Decision("video", "none", because: "the file holds no pictures"))
        }
        audio = Self.audioPlans(for: media.audio, limits: limits, decisions: &decisions)
        declaredSeconds = media.durationSeconds
        self.decisions = decisions
    }

    private static func audioPlans(
        for streams: [ProbedAudio], limits: Limits, decisions: inout [Decision]
    ) -> [AudioPlan] {
        guard !streams.isEmpty else {
            decisions.append(Decision("audio", "none", because: "the file has no sound that Weir can decode"))
            return []
        }
        let first = streams.firstIndex { $0.isDefault } ?? 0
        let ordered = [streams[first]] + streams.indices.filter { $0 != first }.map { streams[$0] }
        if ordered.count > limits.maximumAudioStreams {
            let reason = "the file has \(ordered.count) sound streams"
            decisions.append(Decision("audio", "the first \(limits.maximumAudioStreams)", because: reason))
        }
        return ordered.prefix(limits.maximumAudioStreams).enumerated().map { index, stream in
            let name = index == 0 ? "audio" : "audio-\(index + 1)"
            let reason = "every player takes stereo AAC-LC; the source is \(stream.codec), \(stream.channels) channels"
            decisions.append(Decision(name, "AAC-LC, 48 kHz, stereo, 128 kb/s", because: reason))
            return AudioPlan(
                streamIndex: stream.streamIndex, name: name, language: stream.language.flatMap(Language.tag),
                isDefault: index == 0, bitsPerSecond: 128_000)
        }
    }
}

extension VideoPlan {
    init(
        for source: ProbedVideo, rate: Rational, limits: MediaPlan.Limits, decisions: inout [MediaPlan.Decision]
    ) throws(MediaRejection) {
        try Self.check(width: source.width, height: source.height, limits: limits)
        streamIndex = source.streamIndex
        orientation = source.orientation
        deinterlaces = source.isInterlaced
        toneMaps = source.transfer != .sdr
        // Square pixels by widening or narrowing, so that no row is invented.
        let aspect = source.sampleAspect
        let isSane = aspect.value > 0.1 && aspect.value < 10
        let square = isSane ? source.width * aspect.numerator / aspect.denominator : source.width
        let (width, height) = orientation.transposes ? (source.height, square) : (square, source.height)
        guard width >= 16, height >= 16 else {
            throw MediaRejection(
                "The picture is \(source.width)×\(source.height); the smallest allowed side is 16 pixels.")
        }
        rungs = Ladder.rungs(width: width, height: height, rate: rate)
        if orientation != .upright {
            decisions.append(
                .init("orientation", orientation.words, because: "the container's display matrix asks for it"))
        }
        if aspect != .one {
            let choice = isSane ? "\(square)×\(source.height) square pixels" : "kept as coded"
            decisions.append(.init("pixelAspect", choice, because: "the source's pixels are \(aspect) as wide as high"))
        }
        if deinterlaces {
            decisions.append(.init("deinterlace", "bwdif, one frame per field", because: "the source is interlaced"))
        }
        if toneMaps {
            let reason = "the source is \(source.transfer.rawValue.uppercased()); every player needs an SDR stream"
            decisions.append(.init("toneMap", "Hable curve to BT.709", because: reason))
        }
        let names = rungs.reversed().map { "\($0.name) \($0.width)×\($0.height)" }.joined(separator: ", ")
        let reason = "Apple's H.264 ladder by the short side of \(width)×\(height), nothing above the source"
        decisions.append(.init("ladder", names, because: reason))
        if rungs.contains(where: { $0.frameStep == 2 }) {
            decisions.append(.init("lowRungs", "half the frame rate", because: "sizes up to 432 lines stay within 30"))
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
}
