internal import CMAF
internal import MediaPlan

/// Gathers one sound rendition's frames into segments that begin at the sound frame nearest to each cut of the picture,
/// at most half a frame away: 10.7 ms at 48 kHz, 11.6 ms at 44.1 kHz.
struct AudioTrackWriter {
    private static let frame = Int64(SoundCopy.frameLength)
    private let plan: MediaPlan
    private let priming: Int64
    private let sampleRate: Int
    private let segments: Int
    /// Where the film ends in the track, in samples.
    private let mediaEnd: Int64
    private var frames: [[UInt8]] = []
    /// Number of the first frame in `frames`.
    private var first: Int64 = 0
    private var written = 0

    /// For a track whose edit hides the first `priming` samples.
    init(plan: MediaPlan, priming: Int, sampleRate: Int) {
        self.plan = plan
        self.priming = Int64(priming)
        self.sampleRate = sampleRate
        segments = plan.grid.segments(frames: plan.frames)
        let rate = Int64(AudioPlan.sampleRate)
        mediaEnd = (plan.samples * Int64(sampleRate) + rate / 2) / rate + self.priming
    }

    /// Frames up to the film's end.
    private var total: Int64 { (mediaEnd + Self.frame - 1) / Self.frame }
    private var taken: Int64 { first + Int64(frames.count) }
    /// Whether the film needs no more frames.
    var isFull: Bool { taken >= total }
    /// Share of the film's frames that are there, 0 to 1.
    var fraction: Double { min(1, Double(taken) / Double(max(1, total))) }

    mutating func add(_ frame: [UInt8]) { frames.append(frame) }

    /// The next segment but the last, once all its sound is there.
    mutating func cut() -> WrittenSegment? {
        guard written + 1 < segments else { return nil }
        let boundary = plan.grid.sample(
            atFrame: plan.grid.firstFrame(ofSegment: written + 2), sampleRate: sampleRate)
        let end = (boundary + priming + Self.frame / 2) / Self.frame
        guard taken >= end, end > first else { return nil }
        return segment(until: end, mediaEnd: end * Self.frame)
    }

    /// The last segment, ended by shortening its last frame's duration so that sound and picture last equally long.
    mutating func finish() throws -> WrittenSegment {
        let end = min(total, taken)
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
        max(0, mediaTime - priming) * 1_000_000 / Int64(sampleRate)
    }
}
