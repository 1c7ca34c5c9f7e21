internal import AV
internal import MediaPlan
internal import WebVTT

/// One stream of subtitles: decoded to text, and cut where the pictures are.
final class SubtitleRendition {
    /// Bits per second: two long lines every other second, in segments of six.
    static let declaredPeak = 1000

    let plan: SubtitlePlan
    let reader: SubtitleReader
    private let boundaries: [Int64]
    private var cues: CueList

    init(source: MediaSource, plan: MediaPlan, subtitles: SubtitlePlan) throws {
        self.plan = subtitles
        reader = try SubtitleReader(
            source: source, streamIndex: subtitles.streamIndex, origin: plan.originMicroseconds)
        boundaries = plan.segmentBoundaries
        cues = CueList(length: (boundaries.last ?? 0) / 1000)
    }

    func read(_ packet: Packet) {
        reader.read(packet) { event in
            guard let text = CueText.text(ofDialogue: event.dialogue) else { return }
            cues.add(text, from: event.start, to: event.end)
        }
    }

    /// Texts that were too many.
    var omitted: Int { cues.omitted }

    /// Gives all segments; a source may tell its texts in any order.
    func finish(_ body: (WrittenSegment) throws -> Void) throws {
        try cues.segments(at: boundaries) { number, bytes in
            let duration = boundaries[number] - boundaries[number - 1]
            try body(WrittenSegment(number: number, durationMicroseconds: duration, bytes: bytes))
        }
    }
}

extension MediaPlan {
    /// Where segments begin and the last one ends, in microseconds.
    fileprivate var segmentBoundaries: [Int64] {
        let segments = grid.segments(frames: frames)
        let starts = (1...max(1, segments)).map { grid.firstFrame(ofSegment: $0) }
        return (starts + [frames]).map { grid.microseconds(ticks: grid.ticks(ofFrame: $0)) }
    }
}
