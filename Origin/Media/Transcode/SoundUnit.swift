internal import AV
internal import MediaPlan
internal import Presentation

/// Decodes and encodes all sound of a film in one pass, since an encoder of sound cannot begin in the middle.
final class SoundUnit {
    private let plan: MediaPlan
    private let sink: any TranscodeSink
    private let source: MediaSource
    private let sounds: [(rendition: Int, sound: SoundRendition)]
    private var reported = 0

    /// Throws `TranscodeFailure` when the order does not fit the plan.
    init(_ unit: UnitOutline, plan: MediaPlan, descriptor: Int32, sink: any TranscodeSink) throws {
        let pictures = plan.video?.rungs.count ?? 0
        let segments = plan.grid.segments(frames: plan.frames)
        guard unit.segments == 1...max(1, segments),
            unit.renditions.allSatisfy({ plan.audio.indices.contains($0 - pictures) })
        else { throw TranscodeFailure(reason: "The unit of work does not fit the plan.") }
        self.plan = plan
        self.sink = sink
        source = try MediaSource(borrowing: descriptor)
        let chosen = unit.renditions.map { plan.audio[$0 - pictures] }
        source.select(streams: Set(chosen.map(\.streamIndex)), repairsClock: plan.repairsClock)
        let source = source
        sounds = try zip(unit.renditions, chosen).map { rendition, audio in
            (rendition, try SoundRendition(source: source, plan: plan, audio: audio))
        }
    }

    func run() throws -> UnitNotes {
        let packet = try Packet()
        while sounds.contains(where: { $0.sound.fraction < 1 }), source.read(into: packet) {
            for (rendition, sound) in sounds where sound.plan.streamIndex == packet.streamIndex {
                try sound.read(packet) { try emit($0, of: rendition) }
            }
            try report()
        }
        var notes = UnitNotes()
        for (rendition, sound) in sounds {
            try sound.finish { try emit($0, of: rendition) }
            if plan.video == nil, sounds.count == 1 { try sound.reader.decoder.judge("sound") }
            notes.add(sound.reader.decoder, of: "sound", in: sound.plan.name)
            notes.loudness.append(sound.loudness)
        }
        return notes
    }

    private func emit(_ segment: AudioTrackWriter.Segment, of rendition: Int) throws {
        try sink.receive(
            .segment(
                rendition: rendition, number: segment.number, durationMicroseconds: segment.durationMicroseconds,
                bytes: segment.bytes))
    }

    private func report() throws {
        let hundredths = min(99, Int((sounds.map { $0.sound.fraction }.min() ?? 0) * 100))
        guard hundredths > reported else { return }
        reported = hundredths
        try sink.receive(.progress(Double(hundredths) / 100))
    }
}
