extension MediaPlan {
    /// Bounds that keep one upload from eating the machine.
    public struct Limits: Sendable, Equatable {
        /// Pixels of a decoded frame; default 8192 × 4352.
        public var maximumPixels: Int
        /// Either side of a frame in pixels.
        public var maximumSide: Int
        /// Measured length in seconds; default 12 hours.
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

    /// Plans an upload, all of whose packets have been measured, or says why it cannot be one; `preset` is x264's
    /// and x265's.
    public init(
        for media: ProbedMedia, preset: String = "veryfast", options: VideoOptions = VideoOptions(),
        limits: Limits = Limits()
    ) throws(MediaRejection) {
        var decisions: [Decision] = []
        let sounds = Self.chosenSounds(of: media, limits: limits, decisions: &decisions)
        let pictures = media.pictures.flatMap { $0.times.isEmpty ? nil : $0 }
        guard media.video != nil || !media.audio.isEmpty else {
            throw MediaRejection("This file holds neither pictures nor sound that Weir can decode.")
        }
        guard (media.video != nil && pictures != nil) || !sounds.isEmpty else {
            throw MediaRejection(
                "This file names its streams, but not one frame of them is there: it is damaged or incomplete.")
        }
        let used = sounds.map(\.streamIndex) + (pictures == nil ? [] : media.video.map { [$0.streamIndex] } ?? [])
        let starts = used.compactMap { index in
            media.streams.first { $0.index == index }?.measured.startMicroseconds
        }
        originMicroseconds = starts.min() ?? 0
        repairsClock = media.clockLeaps > 0
        if let source = media.video, let pictures {
            let timing = FrameTiming(pictures)
            let choice = FrameRateChoice(
                timing: timing, declared: source.declaredRate, isInterlaced: source.isInterlaced)
            decisions.append(Decision("frameRate", choice.rate.description, because: choice.reason))
            var plan = try VideoPlan(
                for: source, rate: choice.rate, preset: preset, codecs: options.codecs, limits: limits,
                decisions: &decisions)
            grid = Self.grid(
                copying: media, in: &plan, rate: choice.rate, origin: &originMicroseconds, decisions: &decisions)
            video = plan
            frames = grid.outputFrames(of: pictures, origin: originMicroseconds)
            samples = grid.sample(atFrame: frames, sampleRate: AudioPlan.sampleRate)
        } else {
            grid = FrameGrid(rate: Rational(known: 25, 1))
            let reason = media.video == nil ? "the file holds no pictures" : "not one of its pictures is there"
            decisions.append(Decision("video", "none", because: reason))
            let end = sounds.compactMap { sound in
                media.streams.first { $0.index == sound.streamIndex }?.measured.endMicroseconds
            }.max()
            samples = Self.samples(microseconds: (end ?? 0) - originMicroseconds)
            frames = max(1, grid.frame(nearest: samples, unit: Rational(known: 1, AudioPlan.sampleRate)))
        }
        audio = AudioPlan.plans(for: sounds, of: media, origin: originMicroseconds, decisions: &decisions)
        subtitles = SubtitlePlan.plans(for: media, decisions: &decisions)
        self.decisions = decisions
        guard seconds <= limits.maximumSeconds else {
            let hours = Int(limits.maximumSeconds / 3600)
            throw MediaRejection("This file lasts \(Int(seconds / 3600)) hours; the longest allowed is \(hours).")
        }
        noteDamage(of: media)
        noteSounds(sounds, of: media)
        noteSpans(of: media)
    }

    /// The grid; the source's own keyframes dictate it where its pictures are copied.
    private static func grid(
        copying media: ProbedMedia, in video: inout VideoPlan, rate: Rational, origin: inout Int64,
        decisions: inout [Decision]
    ) -> FrameGrid {
        let start = media.streams.first { $0.index == video.streamIndex }?.measured.startMicroseconds ?? origin
        let beginning = start - origin <= PictureCopy.longestLead ? start : origin
        do {
            let proposal = try PictureCopy.plan(of: media, for: video, rate: rate, origin: beginning)
            decisions.append(proposal.decision)
            if beginning > origin {
                let late = (beginning - origin) / 1000
                decisions.append(Decision("start", "with the pictures", because: "the sound begins \(late) ms before"))
            }
            video.copy = proposal.copy
            origin = beginning
            return proposal.grid
        } catch {
            decisions.append(Decision("passthrough", "no, every size is encoded", because: error.reason))
            return FrameGrid(rate: rate)
        }
    }

    private static func samples(microseconds: Int64) -> Int64 {
        max(1, Rational(known: 1, AudioPlan.sampleRate).units(microseconds: microseconds))
    }

    /// Those that have any sound, the default one first.
    private static func chosenSounds(
        of media: ProbedMedia, limits: Limits, decisions: inout [Decision]
    ) -> [ProbedAudio] {
        let present = media.audio.filter { sound in
            media.streams.contains { $0.index == sound.streamIndex && $0.measured.packets > 0 }
        }
        guard !present.isEmpty else {
            let reason =
                media.audio.isEmpty
                ? "the file has no sound that Weir can decode" : "the file names sound, but none of it is there"
            decisions.append(Decision("audio", "none", because: reason))
            return []
        }
        let first = present.firstIndex { $0.isDefault } ?? 0
        let ordered = [present[first]] + present.indices.filter { $0 != first }.map { present[$0] }
        if ordered.count > limits.maximumAudioStreams {
            let reason = "the file has \(ordered.count) sound streams"
            decisions.append(Decision("audio", "the first \(limits.maximumAudioStreams)", because: reason))
        }
        return Array(ordered.prefix(limits.maximumAudioStreams))
    }
}

extension FrameGrid {
    /// The output frame nearest to a picture shown at `time` on its stream's own clock.
    public func place(of time: Int64, unit: Rational, origin: Int64) -> Int {
        frame(nearest: time &- unit.units(microseconds: origin), unit: unit)
    }

    /// Frames until the last picture ends, at least one more than its place.
    func outputFrames(of pictures: MeasuredPictures, origin: Int64) -> Int {
        guard let last = pictures.times.last else { return 0 }
        let place = place(of: last, unit: pictures.unit, origin: origin)
        let end = self.place(of: last &+ pictures.lastDuration, unit: pictures.unit, origin: origin)
        return max(place + 1, end)
    }
}
