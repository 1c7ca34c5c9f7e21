internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// All sizes of the picture: scaled, encoded and cut from one decoded stream.
final class PictureRenditions {
    private struct Branch {
        let rung: Rung
        let encoder: VideoEncoder
        /// Scales from the picture of the branch at `source`; nil for the top, which is decoded at its size.
        let scaler: Scaler?
        let source: Int
        var writer: VideoTrackWriter
    }

    private var branches: [Branch] = []
    private let grid: FrameGrid
    private let colour: EncodedColour

    init(plan: VideoPlan, grid: FrameGrid, colour: EncodedColour, options: TranscodeOptions) throws {
        self.grid = grid
        self.colour = colour
        for (index, rung) in plan.rungs.enumerated() {
            // Twice the size is enough to scale from without loss, and far cheaper than the full picture.
            let source = plan.rungs.indices.dropFirst(index + 1).first { candidate in
                plan.rungs[candidate].width >= 2 * rung.width - 2
            }
            let from = source ?? plan.rungs.count - 1
            let isTop = index == plan.rungs.count - 1
            let encoder = try VideoEncoder(
                rung: rung, grid: grid, colour: colour, preset: options.preset, threads: options.encoderThreads)
            let sizes = (from: (plan.rungs[from].width, plan.rungs[from].height), to: (rung.width, rung.height))
            branches.append(
                Branch(
                    rung: rung, encoder: encoder, scaler: isTop ? nil : try Scaler(from: sizes.from, to: sizes.to),
                    source: from,
                    writer: VideoTrackWriter(grid: grid, rung: rung, reorderFrames: encoder.reorderFrames)))
        }
    }

    /// Outline and init segment of each size, lowest first.
    func outlines() throws -> [(RenditionOutline, [UInt8])] {
        try branches.map { branch in
            guard let configuration = AVCConfiguration(annexB: branch.encoder.header) else {
                throw TranscodeFailure(reason: "The encoder gave no usable header.", isRetryable: true)
            }
            let seconds = Double(grid.framesPerSegment * grid.ticksPerFrame) / Double(grid.timescale)
            let outline = RenditionOutline(
                name: branch.rung.name,
                content: .video(
                    width: branch.rung.width, height: branch.rung.height,
                    frameRateThousandths: grid.rateThousandths(step: branch.rung.frameStep)),
                codec: configuration.codecString,
                declaredPeak: branch.rung.declaredPeakBitsPerSecond(segmentSeconds: seconds),
                declaredAverage: branch.rung.maximumBitsPerSecond)
            let track = VideoTrack(
                configuration: configuration, width: branch.rung.width, height: branch.rung.height,
                timescale: grid.timescale,
                reorderDelay: branch.encoder.reorderFrames * branch.rung.frameStep * grid.ticksPerFrame,
                colour: .init(
                    primaries: UInt16(colour.primaries), transfer: UInt16(colour.transfer),
                    matrix: UInt16(colour.matrix)))
            return (outline, InitializationSegment.bytes(video: track))
        }
    }

    /// Encodes `picture` (at the top's size) as output frames `outputs` in every size.
    func encode(
        _ picture: Picture, as outputs: Range<Int>, _ body: (Int, VideoTrackWriter.Segment) throws -> Void
    ) throws {
        var pictures = [Picture?](repeating: nil, count: branches.count)
        for frame in outputs {
            for index in branches.indices where frame % branches[index].rung.frameStep == 0 {
                let scaled = try scaled(picture, index, &pictures)
                try branches[index].encoder.encode(scaled) { try add($0, to: index, body) }
            }
        }
    }

    /// Empties the encoders; the output is `frames` long.
    func finish(frames: Int, _ body: (Int, VideoTrackWriter.Segment) throws -> Void) throws {
        for index in branches.indices {
            try branches[index].encoder.encode(nil) { try add($0, to: index, body) }
            if let last = branches[index].writer.finish(frames: frames) { try body(index, last) }
        }
    }

    private func add(
        _ frame: EncodedFrame, to index: Int, _ body: (Int, VideoTrackWriter.Segment) throws -> Void
    ) throws {
        if let segment = try branches[index].writer.add(frame) { try body(index, segment) }
    }

    private func scaled(_ picture: Picture, _ index: Int, _ pictures: inout [Picture?]) throws -> Picture {
        guard let scaler = branches[index].scaler else { return picture }
        if let done = pictures[index] { return done }
        let result = try scaler.scale(try scaled(picture, branches[index].source, &pictures))
        pictures[index] = result
        return result
    }
}
