internal import AV
internal import JSON
internal import MediaPlan
internal import Presentation

/// Makes one upload into HLS renditions: demux and decode once, all sizes from the same frames.
///
/// Runs on the calling thread until done, which may take hours; meant for a process of its own.
public final class Transcoder {
    private let options: TranscodeOptions
    private let sink: any TranscodeSink
    private let source: MediaSource
    private var plan: MediaPlan
    private var video: (reader: VideoReader, renditions: PictureRenditions)?
    private var sounds: [SoundRendition] = []
    private var selector: FrameSelector<Picture>
    private var reported = 0

    /// Transcodes what `descriptor` (readable, seekable, stays the caller's) holds into `sink`.
    ///
    /// The last event is `finished` or `failed`; throws only what `sink` throws.
    public static func run(descriptor: Int32, options: TranscodeOptions, sink: any TranscodeSink) throws {
        do {
            try Transcoder(descriptor: descriptor, options: options, sink: sink).run()
        } catch let rejection as MediaRejection {
            try sink.receive(.failed(TranscodeFailure(reason: rejection.reason)))
        } catch let failure as TranscodeFailure {
            try sink.receive(.failed(failure))
        } catch let failure as AVFailure {
            try sink.receive(
                .failed(
                    TranscodeFailure(
                        reason: "This file could not be transcoded.", detail: failure.description, isRetryable: true)))
        }
    }

    private init(descriptor: Int32, options: TranscodeOptions, sink: any TranscodeSink) throws {
        self.options = options
        self.sink = sink
        source = try MediaSource(borrowing: descriptor, limits: options.limits)
        plan = try MediaPlan(for: source.media, limits: options.limits)
        source.select(streams: Set(plan.audio.map(\.streamIndex) + (plan.video.map { [$0.streamIndex] } ?? [])))
        selector = FrameSelector(maximumGap: plan.grid.framesPerGroup * 150)
        if let picture = plan.video, let top = picture.rungs.last {
            let reader = try VideoReader(
                source: source, plan: picture, width: top.width, height: top.height, limits: options.limits)
            let renditions = try PictureRenditions(
                plan: picture, grid: plan.grid, colour: reader.colour, options: options)
            video = (reader, renditions)
        }
        sounds = try plan.audio.map { try SoundRendition(source: source, plan: $0, grid: plan.grid) }
    }

    private var pictureCount: Int { plan.video?.rungs.count ?? 0 }

    private func run() throws {
        try announce()
        let packet = try Packet()
        while source.read(into: packet) {
            if packet.streamIndex == plan.video?.streamIndex {
                try readPicture(packet)
            } else if let sound = sounds.first(where: { $0.plan.streamIndex == packet.streamIndex }) {
                try sound.read(packet)
            }
            try cutSound()
            try report()
        }
        try finish()
    }

    private func announce() throws {
        let outlines = try (video?.renditions.outlines() ?? []) + sounds.map { $0.outline() }
        try sink.receive(
            .started(
                PresentationOutline(
                    renditions: outlines.map(\.0), targetDurationSeconds: plan.grid.targetDurationSeconds,
                    durationSeconds: plan.declaredSeconds ?? 0, explanation: plan.explanation)))
        for (index, outline) in outlines.enumerated() {
            try sink.receive(.initialization(rendition: index, bytes: outline.1))
        }
    }

    private func readPicture(_ packet: Packet?) throws {
        guard let video else { return }
        try video.reader.read(packet) { timed in
            let place = plan.grid.frame(nearest: timed.time, unit: timed.unit)
            guard let shown = selector.take(timed.picture, at: place) else { return }
            try show(shown)
        }
    }

    private func show(_ shown: FrameSelector<Picture>.Shown) throws {
        let seconds = Double(shown.outputs.upperBound) / plan.grid.rate.value
        guard seconds <= options.limits.maximumSeconds else {
            throw MediaRejection(
                "This film is longer than the \(Int(options.limits.maximumSeconds / 3600)) hours allowed.")
        }
        try video?.renditions.encode(shown.frame, as: shown.outputs) { try emit($1, of: $0) }
    }

    private func emit(_ segment: VideoTrackWriter.Segment, of rendition: Int) throws {
        try sink.receive(
            .segment(
                rendition: rendition, number: segment.number, durationMicroseconds: segment.durationMicroseconds,
                bytes: segment.bytes))
    }

    /// Output frames that certainly exist; without pictures the sound itself says how long the output is.
    private func knownFrames(of sound: SoundRendition) -> Int {
        guard video == nil else { return selector.nextOutput }
        return Int(
            sound.samples * Int64(plan.grid.rate.numerator) / Int64(AudioPlan.sampleRate * plan.grid.rate.denominator))
    }

    private func cutSound() throws {
        for (index, sound) in sounds.enumerated() {
            try sound.cut(pictureFrames: knownFrames(of: sound)) { try emit($0, of: pictureCount + index) }
        }
    }

    private func report() throws {
        guard let declared = plan.declaredSeconds, declared > 0 else { return }
        let done =
            video == nil
            ? Double(sounds.first?.samples ?? 0) / Double(AudioPlan.sampleRate)
            : Double(selector.nextOutput) / plan.grid.rate.value
        let hundredths = min(99, Int(done / declared * 100))
        guard hundredths > reported else { return }
        reported = hundredths
        try sink.receive(.progress(Double(hundredths) / 100))
    }
}

extension Transcoder {
    private func finish() throws {
        for sound in sounds { try sound.read(nil) }
        let samples: Int64
        let frames: Int
        if let video {
            try readPicture(nil)
            if let last = selector.finish(lasting: 1) { try show(last) }
            frames = selector.nextOutput
            try judge(video.reader.decoder, of: "pictures")
            try video.renditions.finish(frames: frames) { try emit($1, of: $0) }
            let ticks = plan.grid.ticks(ofFrame: frames) * Int64(AudioPlan.sampleRate)
            samples = (ticks + Int64(plan.grid.timescale) / 2) / Int64(plan.grid.timescale)
        } else {
            guard let first = sounds.first else { return }
            try judge(first.reader.decoder, of: "sound")
            samples = sounds.map(\.samples).max() ?? 0
            frames = knownFrames(of: first)
        }
        noteLength(samples: samples)
        for (index, sound) in sounds.enumerated() {
            try sound.finish(pictureFrames: frames, samples: samples) { try emit($0, of: pictureCount + index) }
        }
        let duration = samples * 1_000_000 / Int64(AudioPlan.sampleRate)
        try sink.receive(.finished(durationMicroseconds: duration, explanation: plan.explanation))
    }

    /// Some damage is tolerated and noted; a file of which most cannot be decoded is refused.
    private func judge(_ decoder: Decoder, of what: String) throws {
        guard decoder.frames > 0 else {
            throw MediaRejection("Not one frame of this file's \(what) could be decoded: it is damaged or incomplete.")
        }
        guard decoder.brokenPackets * 2 <= decoder.packets else {
            throw MediaRejection(
                "\(decoder.brokenPackets) of \(decoder.packets) parts of this file's \(what) are damaged, too many to show."
            )
        }
        if decoder.brokenPackets > 0 {
            plan.decisions.append(
                .init(
                    "damage", "played as far as it goes",
                    because: "\(decoder.brokenPackets) of \(decoder.packets) parts of the \(what) could not be decoded")
            )
        }
    }

    private func noteLength(samples: Int64) {
        let seconds = Double(samples) / Double(AudioPlan.sampleRate)
        if let declared = plan.declaredSeconds, seconds < declared - max(1, declared / 50) {
            plan.decisions.append(
                .init(
                    "length", "\(Int(seconds * 10)) tenths of a second",
                    because:
                        "the file declares \(Int(declared * 10)) tenths, but its \(video == nil ? "sound" : "pictures")"
                        + " end earlier"))
        }
        for sound in sounds where video != nil {
            let difference = Double(sound.samples - samples) / Double(AudioPlan.sampleRate)
            if difference > 0.5 {
                let choice = "cut where the pictures end"
                plan.decisions.append(
                    .init(sound.plan.name, choice, because: "the sound is \(Int(difference * 1000)) ms longer"))
            } else if difference < -0.5 {
                let choice = "silence until the pictures end"
                plan.decisions.append(
                    .init(sound.plan.name, choice, because: "the sound is \(Int(-difference * 1000)) ms shorter"))
            }
        }
    }
}
