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
        guard let video, let pictures = media.pictures, let first = pictures.times.first else { return [] }
        let measured = media.streams.first { $0.index == video.streamIndex }?.measured
        let canSeek =
            media.canSeek && media.clockLeaps == 0 && measured?.isMonotone == true && pictures.keys.count > 1
        // Deinterlacing looks at the frames around each one.
        let lead = video.deinterlaces ? 2 : 0
        let place = { (index: Int) in
            grid.place(of: pictures.times[index], unit: pictures.unit, origin: originMicroseconds)
        }
        var keys: [MeasuredPictures.Key] = []
        var usable: [Int] = []
        for key in canSeek ? pictures.keys : [] {
            let index = Self.firstIndex(of: pictures.times) { $0 >= key.presentation } + lead
            guard index < pictures.times.count, usable.last ?? -1 < place(index) else { continue }
            keys.append(key)
            usable.append(place(index))
        }
        return SpanPlan.spans(grid: grid, frames: frames, keys: usable, canSeek: canSeek).map { span in
            let after = Self.firstIndex(of: pictures.times) { time in
                grid.place(of: time, unit: pictures.unit, origin: originMicroseconds) > span.frames.lowerBound
            }
            let needed = after > lead ? pictures.times[after - 1 - lead] : first
            return PictureSpan(
                segments: span.segments, frames: span.frames, key: span.key.map { keys[$0] },
                needed: span.frames.lowerBound == 0 ? first : needed)
        }
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
