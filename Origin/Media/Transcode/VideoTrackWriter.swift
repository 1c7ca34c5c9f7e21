internal import AV
internal import CMAF
internal import MediaPlan

/// Gathers one rung's coded frames into segments of the grid.
struct VideoTrackWriter {
    struct Segment {
        let number: Int
        let durationMicroseconds: Int64
        let bytes: [UInt8]
    }

    private let grid: FrameGrid
    private let rung: Rung
    private let ticksPerFrame: Int64
    private let reorderFrames: Int64
    private var samples: [Sample] = []
    private var decoded: Int64 = 0
    private var written = 0

    init(grid: FrameGrid, rung: Rung, reorderFrames: Int) {
        self.reorderFrames = Int64(reorderFrames)
        self.grid = grid
        self.rung = rung
        ticksPerFrame = Int64(grid.ticksPerFrame * rung.frameStep)
    }

    /// Takes the next frame in decoding order; returns a segment when it is the first of the next one.
    mutating func add(_ frame: EncodedFrame) throws -> Segment? {
        var finished: Segment?
        if samples.count == grid.framesPerSegment / rung.frameStep { finished = cut(lastFrameTicks: ticksPerFrame) }
        guard frame.isKey || !samples.isEmpty else {
            throw TranscodeFailure(
                reason: "The encoder did not start a segment with a keyframe.",
                detail: "\(rung.name), frame \(decoded)",
                isRetryable: true)
        }
        let offset = (frame.presentation - decoded + reorderFrames) * ticksPerFrame
        guard let compositionOffset = UInt32(exactly: offset) else {
            throw TranscodeFailure(
                reason: "The encoder gave a frame an impossible time.", detail: "\(rung.name), frame \(decoded)",
                isRetryable: true)
        }
        samples.append(
            Sample(
                duration: UInt32(ticksPerFrame), compositionOffset: compositionOffset, isSync: frame.isKey,
                bytes: AnnexB.sample(from: frame.bytes)))
        decoded += 1
        return finished
    }

    /// The last segment; `frames` is the length of the whole output on the full grid.
    mutating func finish(frames: Int) -> Segment? {
        guard !samples.isEmpty else { return nil }
        let rest = grid.ticks(ofFrame: frames) - (decoded - 1) * ticksPerFrame
        return cut(lastFrameTicks: max(1, min(rest, ticksPerFrame)))
    }

    private mutating func cut(lastFrameTicks: Int64) -> Segment {
        samples[samples.count - 1].duration = UInt32(lastFrameTicks)
        let start = (decoded - Int64(samples.count)) * ticksPerFrame
        let end = (decoded - 1) * ticksPerFrame + lastFrameTicks
        written += 1
        let bytes = MediaSegment.bytes(sequence: UInt32(written), decodeTime: UInt64(start), samples: samples)
        samples.removeAll(keepingCapacity: true)
        let duration = grid.microseconds(ticks: end) - grid.microseconds(ticks: start)
        return Segment(number: written, durationMicroseconds: duration, bytes: bytes)
    }
}
