internal import AV
internal import MediaPlan

/// One sound stream: decoded, encoded and cut.
final class SoundRendition {
    let plan: AudioPlan
    let reader: AudioReader
    private let encoder: AudioEncoder
    private let meter: LoudnessMeter
    private var writer: AudioTrackWriter
    private let samples: Int64

    init(source: MediaSource, plan: MediaPlan, audio: AudioPlan) throws {
        self.plan = audio
        samples = plan.samples
        reader = try AudioReader(
            source: source, streamIndex: audio.streamIndex, channels: audio.channels, origin: plan.originMicroseconds)
        encoder = try AudioEncoder(plan: audio)
        meter = try LoudnessMeter(channels: audio.channels)
        writer = AudioTrackWriter(plan: plan, priming: encoder.priming)
    }

    /// How much of the sound was taken, 0 to 1.
    var fraction: Double { min(1, Double(encoder.samples) / Double(max(1, samples))) }

    /// How loud it was so far.
    var loudness: Loudness { meter.measured(rendition: plan.name) }

    /// Decodes `packet`, or what is left when nil, and gives the segments that are complete.
    func read(_ packet: Packet?, _ body: (WrittenSegment) throws -> Void) throws {
        try reader.read(packet) { picture in
            guard encoder.samples < samples else { return }
            try meter.add(picture)
            try encoder.encode(picture) { writer.add($0) }
        }
        while let segment = writer.cut() { try body(segment) }
    }

    /// Fills with silence up to the end of the film, and gives the rest of the segments.
    func finish(_ body: (WrittenSegment) throws -> Void) throws {
        try read(nil, body)
        try encoder.finish(at: samples) { writer.add($0) }
        while let segment = writer.cut() { try body(segment) }
        try body(try writer.finish())
    }
}
