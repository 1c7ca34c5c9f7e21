internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// One sound stream: decoded, encoded and cut.
final class SoundRendition {
    let plan: AudioPlan
    let reader: AudioReader
    private let encoder: AudioEncoder
    private var writer: AudioTrackWriter

    init(source: MediaSource, plan: AudioPlan, grid: FrameGrid) throws {
        self.plan = plan
        reader = try AudioReader(source: source, streamIndex: plan.streamIndex)
        encoder = try AudioEncoder(plan: plan)
        writer = AudioTrackWriter(grid: grid, priming: encoder.priming)
    }

    /// Sound taken so far, in samples.
    var samples: Int64 { encoder.samples }

    func outline() -> (RenditionOutline, [UInt8]) {
        let track = AudioTrack(
            specificConfig: encoder.specificConfig, sampleRate: AudioPlan.sampleRate, channels: 2,
            priming: encoder.priming, bitsPerSecond: plan.bitsPerSecond)
        let outline = RenditionOutline(
            name: plan.name, content: .audio(language: plan.language, channels: 2, isDefault: plan.isDefault),
            codec: track.codecString, declaredPeak: plan.bitsPerSecond * 5 / 4, declaredAverage: plan.bitsPerSecond)
        return (outline, InitializationSegment.bytes(audio: track))
    }

    func read(_ packet: Packet?) throws {
        try reader.read(packet) { try encoder.encode($0) { writer.add($0) } }
    }

    /// Segments that are complete, the picture being known up to `pictureFrames`.
    func cut(pictureFrames: Int, _ body: (VideoTrackWriter.Segment) throws -> Void) throws {
        while let segment = writer.cut(pictureFrames: pictureFrames) { try body(segment) }
    }

    /// Fills with silence up to `samples`, drops what lies beyond, and gives the rest of the segments.
    func finish(
        pictureFrames: Int, samples: Int64, _ body: (VideoTrackWriter.Segment) throws -> Void
    ) throws {
        try encoder.finish(at: samples) { writer.add($0) }
        try cut(pictureFrames: pictureFrames, body)
        if let last = writer.finish(samples: samples) { try body(last) }
    }
}
