internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// Gathers one rung's coded frames of a span into segments of the grid.
struct VideoTrackWriter {
    private let grid: FrameGrid
    private let rung: Rung
    private let frames: Int
    private let ticksPerFrame: Int64
    private let reorderFrames: Int64
    private var samples: [Sample] = []
    /// Number of the next frame in decoding order, counting the rung's frames from the beginning of the film.
    private var decoded: Int64
    private var number: Int
    private let last: Int

    /// Writes the segments `span` of a film of `frames` output frames.
    init(grid: FrameGrid, rung: Rung, reorderFrames: Int, span: ClosedRange<Int>, frames: Int) {
        self.reorderFrames = Int64(reorderFrames)
        self.grid = grid
        self.rung = rung
        self.frames = frames
        ticksPerFrame = Int64(grid.ticksPerFrame * rung.frameStep)
        decoded = Int64(grid.firstFrame(ofSegment: span.lowerBound) / rung.frameStep)
        number = span.lowerBound
        last = span.upperBound
    }

    /// Takes the encoder's next frame in decoding order; returns a segment when it is the last one of it.
    mutating func add(_ frame: EncodedFrame) throws -> WrittenSegment? {
        try add(
            rung.codec.sample(from: frame.bytes), presentation: frame.presentation, isKey: frame.isKey)
    }

    /// Takes the next coded frame in decoding order, shown as the rung's frame `presentation` of the film.
    mutating func add(_ bytes: [UInt8], presentation: Int64, isKey: Bool) throws -> WrittenSegment? {
        guard number <= last, isKey || !samples.isEmpty else {
            throw failure("A segment does not start with a keyframe.")
        }
        let offset = (presentation - decoded + reorderFrames) * ticksPerFrame
        guard let compositionOffset = UInt32(exactly: offset) else {
            throw failure("A frame has an impossible time.")
        }
        samples.append(
            Sample(
                duration: UInt32(ticksPerFrame), compositionOffset: compositionOffset, isSync: isKey, bytes: bytes))
        decoded += 1
        let segment = grid.frames(ofSegment: number, total: frames)
        guard samples.count * rung.frameStep >= segment.count else { return nil }
        return cut(end: grid.ticks(ofFrame: segment.upperBound))
    }

    /// Makes sure that every segment was written.
    func finish() throws {
        guard samples.isEmpty, number == last + 1 else { throw failure("Frames are missing.") }
    }

    private mutating func cut(end: Int64) -> WrittenSegment {
        let start = (decoded - Int64(samples.count)) * ticksPerFrame
        samples[samples.count - 1].duration = UInt32(end - (decoded - 1) * ticksPerFrame)
        let bytes = MediaSegment.bytes(sequence: UInt32(number), decodeTime: UInt64(start), samples: samples)
        samples.removeAll(keepingCapacity: true)
        defer { number += 1 }
        let duration = grid.microseconds(ticks: end) - grid.microseconds(ticks: start)
        return WrittenSegment(number: number, durationMicroseconds: duration, bytes: bytes)
    }

    private func failure(_ reason: String) -> TranscodeFailure {
        TranscodeFailure(reason: reason, detail: "\(rung.name), frame \(decoded)", isRetryable: true)
    }
}

extension VideoCodec {
    /// What lies in a track of what an encoder gave.
    fileprivate func sample(from bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .h264: AnnexB.sample(from: bytes, as: .avc)
        case .hevc: AnnexB.sample(from: bytes, as: .hevc)
        case .av1: AV1Unit.sample(from: bytes)
        }
    }
}
