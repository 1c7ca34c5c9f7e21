internal import AV
internal import MediaPlan
internal import Presentation

/// Decodes all sound of a film in one pass, encodes or copies it, since an encoder of sound cannot begin in the middle, and reads
/// all subtitles on the way.
final class SoundUnit {
    private let plan: MediaPlan
    private let sink: any TranscodeSink
    private let source: MediaSource
    private let sounds: [(rendition: Int, sound: SoundRendition)]
    private let streams: [SoundStream]
    private let subtitles: [(rendition: Int, text: SubtitleRendition)]
    private var reported = 0

    /// Throws `TranscodeFailure` when the order does not fit the plan.
    init(_ unit: UnitOutline, plan: MediaPlan, descriptor: Int32, sink: any TranscodeSink) throws {
        let segments = plan.grid.segments(frames: plan.frames)
        guard unit.segments == 1...max(1, segments),
            unit.renditions.allSatisfy({
                plan.soundRenditions.contains($0) || plan.subtitleRenditions.contains($0)
            })
        else { throw TranscodeFailure(reason: "The unit of work does not fit the plan.") }
        self.plan = plan
        self.sink = sink
        source = try MediaSource(borrowing: descriptor)
        let source = source
        sounds = try unit.renditions.filter(plan.soundRenditions.contains).map { rendition in
            let audio = plan.audio[rendition - plan.soundRenditions.lowerBound]
            return (rendition, try SoundRendition(plan: plan, audio: audio))
        }
        let byStream = Dictionary(grouping: sounds) { $0.sound.plan.streamIndex }
        streams = try byStream.sorted { $0.key < $1.key }.map { index, sounds in
            try SoundStream(sounds, source: source, index: index, origin: plan.originMicroseconds)
        }
        subtitles = try unit.renditions.filter(plan.subtitleRenditions.contains).map { rendition in
            let stream = plan.subtitles[rendition - plan.subtitleRenditions.lowerBound]
            return (rendition, try SubtitleRendition(source: source, plan: plan, subtitles: stream))
        }
        let used = streams.map(\.index) + subtitles.map(\.text.plan.streamIndex)
        source.select(streams: Set(used), repairsClock: plan.repairsClock)
    }

    func run() throws -> UnitNotes {
        let packet = try Packet()
        while isListening || !subtitles.isEmpty, source.read(into: packet) {
            for stream in streams where stream.index == packet.streamIndex { try stream.read(packet, sink) }
            for (_, text) in subtitles where text.plan.streamIndex == packet.streamIndex { text.read(packet) }
            try report()
        }
        var notes = UnitNotes()
        for stream in streams {
            try stream.finish(sink)
            if plan.video == nil, streams.count == 1 { try stream.decoder.judge("sound") }
            notes.add(stream.decoder, of: "sound", in: stream.name)
        }
        notes.loudness = sounds.map(\.sound.loudness)
        for (rendition, text) in subtitles {
            try text.finish { try sink.receive($0, of: rendition) }
            notes.add(text.reader.decoder, of: "subtitles", in: text.plan.name)
            guard text.omitted > 0 else { continue }
            let reason = "\(text.omitted) more texts are more than anybody reads"
            notes.decisions.append(.init(text.plan.name, "not all of them", because: reason))
        }
        return notes
    }

    /// Whether any sound is still to come.
    private var isListening: Bool { sounds.contains { $0.sound.fraction < 1 } }

    private func report() throws {
        let hundredths = min(99, Int((sounds.map { $0.sound.fraction }.min() ?? 0) * 100))
        guard hundredths > reported else { return }
        reported = hundredths
        try sink.receive(.progress(Double(hundredths) / 100))
    }
}
