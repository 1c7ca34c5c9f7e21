internal import AV
internal import CMAF
internal import MediaPlan

/// Gathers one sound rendition's frames into segments that begin at the sound frame nearest to each cut of the picture,
/// at most 11 ms away.
struct AudioTrackWriter {
    private static let frame = Int64(AudioReader.frameSamples)
    private let plan: MediaPlan
    private let priming: Int64
    private let segments: Int
    private var frames: [[UInt8]] = []
    /// Number of the first frame in `frames`.
    private var first: Int64 = 0
    private var written = 0

    init(plan: MediaPlan, priming: Int) {
        self.plan = plan
        self.priming = Int64(priming)
        segments = plan.grid.segments(frames: plan.frames)
    }

    mutating func add(_ frame: EncodedFrame) { frames.append(frame.bytes) }

    /// The next segment but the last, once all its sound is there.
    mutating func cut() -> WrittenSegment? {
        guard written + 1 < segments else { return nil }
        let boundary = plan.grid.sample(
            atFrame: plan.grid.firstFrame(ofSegment: written + 2), sampleRate: AudioPlan.sampleRate)
        let end = (boundary + priming + Self.frame / 2) / Self.frame
        guard first + Int64(frames.count) >= end, end > first else { return nil }
        return segment(until: end, mediaEnd: end * Self.frame)
    }

    /// The last segment, ended by shortening its last frame's duration so that sound and picture last equally long.
    mutating func finish() throws -> WrittenSegment {
        let mediaEnd = plan.samples + priming
        let end = min((mediaEnd + Self.frame - 1) / Self.frame, first + Int64(frames.count))
        guard written + 1 == segments, end > first else {
            throw TranscodeFailure(
                reason: "The encoder left sound out.", detail: "segment \(written + 1) of \(segments)",
                isRetryable: true)
        }
        return segment(until: end, mediaEnd: min(mediaEnd, end * Self.frame))
    }

    private mutating func segment(until end: Int64, mediaEnd: Int64) -> WrittenSegment {
        let count = Int(end - first)
        let samples = frames.prefix(count).enumerated().map { index, bytes in
            let isLast = index == count - 1
            let duration = isLast ? mediaEnd - (end - 1) * Self.frame : Self.frame
            return Sample(duration: UInt32(duration), isSync: true, bytes: bytes)
        }
        frames.removeFirst(count)
        written += 1
        let start = first * Self.frame
        first = end
        let bytes = MediaSegment.bytes(sequence: UInt32(written), decodeTime: UInt64(start), samples: samples)
        let duration = microseconds(mediaEnd) - microseconds(start)
        return WrittenSegment(number: written, durationMicroseconds: duration, bytes: bytes)
    }

    /// Presentation time of a media time, priming taken off.
    private func microseconds(_ mediaTime: Int64) -> Int64 {
        max(0, mediaTime - priming) * 1_000_000 / Int64(AudioPlan.sampleRate)
    }
}
