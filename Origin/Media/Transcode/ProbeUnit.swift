internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// Looks at a whole upload, plans what is made of it and in which units, and opens every encoder to know its header.
struct ProbeUnit {
    let options: TranscodeOptions
    let descriptor: Int32
    let sink: any TranscodeSink

    func run() throws -> UnitNotes {
        let media = try measured()
        var plan = try MediaPlan(for: media, preset: options.preset, options: options.video, limits: options.limits)
        let encodedSets = try prepareMixture(in: &plan)
        let pictures = try plan.video.map { video in
            try video.rungs[video.encodedRungs].map { try picture($0, video: video, grid: plan.grid) }
                + (video.copy.map { [try copied($0, besides: encodedSets, video: video, plan: plan)] } ?? [])
                + video.alternatives.map { try picture($0, video: video, grid: plan.grid) }
        }
        let headers =
            try (pictures ?? []) + plan.audio.map { try sound($0) } + plan.subtitles.map(subtitles)
            + byProducts(of: plan)
        let units = plan.units(of: media)
        let outline = PresentationOutline(
            renditions: headers.map(\.outline), targetDurationSeconds: plan.grid.targetDurationSeconds,
            durationSeconds: plan.seconds, explanation: plan.explanation(of: media))
        try sink.receive(.planned(WorkPlan(outline: outline, media: plan.json, units: units)))
        for (index, header) in headers.enumerated() where header.outline.hasInitialization {
            try sink.receive(.initialization(rendition: index, bytes: header.initialization))
        }
        return UnitNotes(packets: media.streams.reduce(0) { $0 + $1.measured.packets })
    }

    private func measured() throws -> ProbedMedia {
        let source = try MediaSource(borrowing: descriptor, limits: options.limits)
        var first: FirstFrames?
        if let video = source.media.video {
            let beginning = try MediaSource(borrowing: descriptor, limits: options.limits)
            first = try FirstFrames(of: beginning, streamIndex: video.streamIndex, limits: options.limits)
        }
        try source.scan()
        var media = source.media
        if let isInterlaced = first?.isInterlaced { media.video?.isInterlaced = isInterlaced }
        return media
    }

    private struct Header {
        let outline: RenditionOutline
        let initialization: [UInt8]
    }

    private func picture(_ rung: Rung, video: VideoPlan, grid: FrameGrid) throws -> Header {
        let encoder = try VideoEncoder(
            rung: rung, grid: grid, colour: video.colour.encoded, preset: video.preset)
        let configuration = try encoder.configuration()
        let outline = RenditionOutline(
            name: rung.name,
            content: .video(
                width: rung.width, height: rung.height,
                frameRateThousandths: grid.rateThousandths(step: rung.frameStep)),
            codec: configuration.codecString,
            declaredPeak: declaredPeak(of: rung, grid: grid),
            declaredAverage: rung.maximumBitsPerSecond)
        let track = track(
            of: rung, configuration, colour: video.colour.encoded, grid: grid,
            reorderDelay: encoder.reorderFrames * rung.frameStep * grid.ticksPerFrame)
        return Header(outline: outline, initialization: InitializationSegment.bytes(video: track))
    }

    /// Sees to it that copied and encoded segments of a rung can share a track; the encoder's parameter sets, none where
    /// everything is copied or nothing.
    private func prepareMixture(in plan: inout MediaPlan) throws -> [AVCParameterSets] {
        guard let video = plan.video, let copy = video.copy, let top = video.rungs.last,
            !copy.encodedRuns(of: plan.grid.segments(frames: plan.frames)).isEmpty
        else { return [] }
        let coding = video.coding(of: video.encodedRungs.upperBound)
        let encoder = try VideoEncoder(
            rung: top, grid: plan.grid, colour: coding.colour, preset: video.preset,
            parameterSets: coding.parameterSets)
        plan.video?.copy?.reorderFrames = max(copy.reorderFrames, encoder.reorderFrames)
        guard case .avc(let configuration) = try encoder.configuration() else { return [] }
        return configuration.sets
    }

    private func copied(
        _ copy: PictureCopy, besides encodedSets: [AVCParameterSets], video: VideoPlan, plan: MediaPlan
    ) throws -> Header {
        guard let configuration = AVCConfiguration(try copy.sets.map(AVCParameterSets.init(copied:)) + encodedSets)
        else { throw TranscodeFailure(reason: "The pictures have more parameter sets than a header can hold.") }
        let rung = video.rungs[video.rungs.count - 1]
        let grid = plan.grid
        let isMixed = !encodedSets.isEmpty
        let encodedPeak = isMixed ? declaredPeak(of: rung, grid: grid) : 0
        var outline = RenditionOutline(
            name: rung.name,
            content: .video(
                width: rung.width, height: rung.height, frameRateThousandths: grid.rateThousandths(step: 1)),
            codec: configuration.codecString, declaredPeak: max(copy.peakBitsPerSecond, encodedPeak),
            declaredAverage: max(copy.averageBitsPerSecond, isMixed ? rung.maximumBitsPerSecond : 0))
        outline.copiedShare = copy.share(of: plan.frames, grid: grid)
        let track = track(
            of: rung, .avc(configuration), colour: copy.colour, grid: grid,
            reorderDelay: copy.reorderFrames * grid.ticksPerFrame)
        return Header(outline: outline, initialization: InitializationSegment.bytes(video: track))
    }

    private func declaredPeak(of rung: Rung, grid: FrameGrid) -> Int {
        rung.declaredPeakBitsPerSecond(
            segmentSeconds: Double(grid.framesPerSegment * grid.ticksPerFrame) / Double(grid.timescale))
    }

    private func track(
        of rung: Rung, _ configuration: VideoConfiguration, colour: EncodedColour, grid: FrameGrid, reorderDelay: Int
    ) -> VideoTrack {
        VideoTrack(
            configuration: configuration, width: rung.width, height: rung.height, timescale: grid.timescale,
            reorderDelay: reorderDelay,
            colour: .init(
                primaries: UInt16(colour.primaries), transfer: UInt16(colour.transfer), matrix: UInt16(colour.matrix)))
    }

    private func byProducts(of plan: MediaPlan) throws -> [Header] {
        guard let video = plan.video else { return [] }
        let trickPlays = try video.byProducts.trickPlays.map { trickPlay in
            let rung = video.rung(of: trickPlay)
            let encoder = try VideoEncoder(keyframesOf: rung, colour: video.colour.encoded, preset: video.preset)
            let configuration = try encoder.configuration()
            let outline = RenditionOutline(
                name: rung.name, content: .trickPlay(width: rung.width, height: rung.height),
                codec: configuration.codecString, declaredPeak: rung.declaredPeakBitsPerSecond(segmentSeconds: 1),
                declaredAverage: rung.maximumBitsPerSecond)
            let track = track(
                of: rung, configuration, colour: video.colour.encoded, grid: plan.grid, reorderDelay: 0)
            return Header(outline: outline, initialization: InitializationSegment.bytes(video: track))
        }
        let storyboard = RenditionOutline(
            name: ByProductPlan.storyboardName,
            content: .storyboard(
                width: video.byProducts.tileWidth, height: video.byProducts.tileHeight,
                tiles: plan.grid.samplesPerSegment),
            codec: "mjpg", declaredPeak: 0, declaredAverage: 0)
        let large = video.rungs[video.byProducts.posterRung]
        let poster = RenditionOutline(
            name: ByProductPlan.posterName, content: .poster(width: large.width, height: large.height), codec: "mjpg",
            declaredPeak: 0, declaredAverage: 0)
        return trickPlays + [storyboard, poster].map { Header(outline: $0, initialization: []) }
    }

    private func subtitles(_ plan: SubtitlePlan) -> Header {
        let outline = RenditionOutline(
            name: plan.name,
            content: .subtitles(
                language: plan.language, title: plan.title, isForced: plan.isForced,
                describesSound: plan.describesSound),
            codec: "wvtt", declaredPeak: SubtitleRendition.declaredPeak,
            declaredAverage: SubtitleRendition.declaredPeak / 4)
        return Header(outline: outline, initialization: [])
    }

    private func sound(_ plan: AudioPlan) throws -> Header {
        let encoder = plan.copy == nil ? try AudioEncoder(plan: plan) : nil
        let track = AudioTrack(
            specificConfig: plan.copy?.configuration ?? encoder?.specificConfig ?? [],
            sampleRate: plan.copy?.sampleRate ?? AudioPlan.sampleRate, channels: plan.channels,
            priming: plan.copy?.editStart ?? encoder?.priming ?? 0, bitsPerSecond: plan.bitsPerSecond)
        // An eighth for the container's own bytes, and for segments shorter than what was measured.
        let peak = plan.copy.map { $0.peakBitsPerSecond * 9 / 8 } ?? plan.bitsPerSecond * 5 / 4
        let outline = RenditionOutline(
            name: plan.name,
            content: .audio(
                language: plan.language, channels: plan.channels, isDefault: plan.isDefault, track: plan.streamIndex),
            codec: track.codecString, declaredPeak: peak, declaredAverage: plan.bitsPerSecond)
        return Header(outline: outline, initialization: InitializationSegment.bytes(audio: track))
    }
}
