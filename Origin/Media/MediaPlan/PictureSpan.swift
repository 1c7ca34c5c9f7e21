/// A run of whole segments of the pictures, and the way to its first frame.
public struct PictureSpan: Sendable, Equatable {
    /// Numbers of its segments, from 1.
    public var segments: ClosedRange<Int>
    /// Its output frames.
    public var frames: Range<Int>
    /// The source's keyframe with which decoding begins; nil to read from the beginning.
    public var key: MeasuredPictures.Key?
    /// Pictures shown before this time, on the stream's own clock, are decoded only for the sake of later ones.
    public var needed: Int64

    /// Describes a span.
    public init(segments: ClosedRange<Int>, frames: Range<Int>, key: MeasuredPictures.Key?, needed: Int64) {
        self.segments = segments
        self.frames = frames
        self.key = key
        self.needed = needed
    }
}

extension MediaPlan {
    /// The pictures in spans; empty without pictures.
    public func pictureSpans(of media: ProbedMedia) -> [PictureSpan] {
        guard let ways = SourceWays(to: self, of: media) else { return [] }
        return SpanPlan.spans(grid: grid, frames: frames, keys: ways.places, canSeek: ways.canSeek).map { span in
            ways.span(span.segments, key: span.key)
        }
    }

    /// What of the top rung is copied, and what of it is encoded apart from the other sizes, in order, none longer than a usual
    /// span where it is encoded; empty where nothing is copied.
    public func topSpans(of media: ProbedMedia) -> [PictureSpan] {
        guard let copy = video?.copy, let ways = SourceWays(to: self, of: media) else { return [] }
        let encoded = copy.encodedRuns(of: grid.segments(frames: frames)).flatMap { run in
            stride(from: run.lowerBound, through: run.upperBound, by: SpanPlan.usualSegments).map { first in
                first...min(first + SpanPlan.usualSegments - 1, run.upperBound)
            }
        }
        let all = (copy.runs.map(\.segments) + encoded).sorted { $0.lowerBound < $1.lowerBound }
        return all.map { ways.span($0, key: ways.key(toSegment: $0.lowerBound)) }
    }
}

/// The source's keyframes as ways to frames of the output.
private struct SourceWays {
    let canSeek: Bool
    /// From these frames on everything can be made with the key of the same index.
    private(set) var places: [Int] = []
    private var keys: [MeasuredPictures.Key] = []
    private let plan: MediaPlan
    private let pictures: MeasuredPictures
    /// Deinterlacing looks at the frames around each one.
    private let lead: Int
    private let first: Int64

    /// nil without pictures.
    init?(to plan: MediaPlan, of media: ProbedMedia) {
        guard let video = plan.video, let pictures = media.pictures, let first = pictures.times.first else {
            return nil
        }
        let measured = media.streams.first { $0.index == video.streamIndex }?.measured
        canSeek =
            media.canSeek && media.clockLeaps == 0 && measured?.isMonotone == true && pictures.keys.count > 1
        self.plan = plan
        self.pictures = pictures
        self.first = first
        lead = video.deinterlaces ? 2 : 0
        for key in canSeek ? pictures.keys : [] {
            let index = Self.firstIndex(of: pictures.times) { $0 >= key.presentation } + lead
            guard index < pictures.times.count, places.last ?? -1 < place(of: pictures.times[index]) else { continue }
            keys.append(key)
            places.append(place(of: pictures.times[index]))
        }
    }

    private func place(of time: Int64) -> Int {
        plan.grid.place(of: time, unit: pictures.unit, origin: plan.originMicroseconds)
    }

    /// The index of the nearest key before segment `number`; nil for the first, and where there is none.
    func key(toSegment number: Int) -> Int? {
        number == 1 ? nil : SpanPlan.lastKey(places, notAfter: plan.grid.firstFrame(ofSegment: number))
    }

    func span(_ segments: ClosedRange<Int>, key: Int?) -> PictureSpan {
        let start = plan.grid.firstFrame(ofSegment: segments.lowerBound)
        let end = min(plan.grid.firstFrame(ofSegment: segments.upperBound + 1), plan.frames)
        let after = Self.firstIndex(of: pictures.times) { place(of: $0) > start }
        let needed = after > lead ? pictures.times[after - 1 - lead] : first
        return PictureSpan(
            segments: segments, frames: start..<end, key: key.map { keys[$0] }, needed: start == 0 ? first : needed)
    }

    /// The first index whose time satisfies `condition`, which holds for all later ones as well; the count if none does.
    private static func firstIndex(of times: [Int64], where condition: (Int64) -> Bool) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if condition(times[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
