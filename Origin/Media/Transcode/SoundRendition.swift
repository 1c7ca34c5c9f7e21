internal import AV
internal import MediaPlan

/// One sound rendition: measured as it is heard, encoded or copied, and cut.
final class SoundRendition {
    let plan: AudioPlan
    private let source: any SoundFrames
    private let meter: LoudnessMeter
    private var writer: AudioTrackWriter
    private let samples: Int64
    private var heard: Int64 = 0

    init(plan: MediaPlan, audio: AudioPlan) throws {
        self.plan = audio
        samples = plan.samples
        meter = try LoudnessMeter(channels: audio.channels)
        if let copy = audio.copy {
            source = try CopiedSound(copy, channels: audio.channels)
            writer = AudioTrackWriter(plan: plan, priming: copy.editStart, sampleRate: copy.sampleRate)
        } else {
            let encoded = try EncodedSound(audio, samples: samples)
            source = encoded
            writer = AudioTrackWriter(plan: plan, priming: encoded.priming, sampleRate: AudioPlan.sampleRate)
        }
    }

    /// How much of the sound is done, 0 to 1.
    var fraction: Double {
        let measured = min(1, Double(heard) / Double(max(1, samples)))
        return plan.copy == nil ? measured : min(measured, writer.fraction)
    }

    /// How loud it was so far.
    var loudness: Loudness { meter.measured(rendition: plan.name) }

    /// Takes the next decoded frame, and gives the segments that are complete.
    func hear(_ picture: Picture, _ body: (WrittenSegment) throws -> Void) throws {
        guard heard < samples else { return }
        heard += Int64(AudioReader.frameSamples)
        try meter.add(picture)
        try source.hear(picture) { try add($0, body) }
    }

    /// Takes the next packet of the stream, which the decoder could use or not, and gives the segments that are complete.
    func take(_ packet: Packet, isBroken: Bool, _ body: (WrittenSegment) throws -> Void) throws {
        try source.take(packet, isBroken: isBroken) { try add($0, body) }
    }

    /// Fills with silence up to the end of the film, and gives the rest of the segments.
    func finish(_ body: (WrittenSegment) throws -> Void) throws {
        try source.finish(while: { !writer.isFull }) { try add($0, body) }
        try body(try writer.finish())
    }

    private func add(_ frame: [UInt8], _ body: (WrittenSegment) throws -> Void) throws {
        guard !writer.isFull else { return }
        writer.add(frame)
        while let segment = writer.cut() { try body(segment) }
    }
}

/// Where a rendition's frames come from.
protocol SoundFrames {
    /// Takes the next decoded frame.
    func hear(_ picture: Picture, _ body: ([UInt8]) throws -> Void) throws
    /// Takes the next packet of the stream.
    func take(_ packet: Packet, isBroken: Bool, _ body: ([UInt8]) throws -> Void) throws
    /// Gives what is left, and silence while more is missing.
    func finish(while isMissing: () -> Bool, _ body: ([UInt8]) throws -> Void) throws
}

/// Frames that are encoded from what is decoded.
struct EncodedSound: SoundFrames {
    private let encoder: AudioEncoder
    private let samples: Int64

    init(_ plan: AudioPlan, samples: Int64) throws {
        encoder = try AudioEncoder(plan: plan)
        self.samples = samples
    }

    /// Samples before the first real one.
    var priming: Int { encoder.priming }

    func hear(_ picture: Picture, _ body: ([UInt8]) throws -> Void) throws {
        try encoder.encode(picture) { try body($0.bytes) }
    }

    func take(_ packet: Packet, isBroken: Bool, _ body: ([UInt8]) throws -> Void) {}

    func finish(while isMissing: () -> Bool, _ body: ([UInt8]) throws -> Void) throws {
        try encoder.finish(at: samples) { try body($0.bytes) }
    }
}
