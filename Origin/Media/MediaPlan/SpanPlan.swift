/// How the pictures are divided among units of work: runs of whole segments, each of which begins with finding the way
/// from a keyframe of the source to its own first frame.
public enum SpanPlan {
    /// A run of whole segments.
    public struct Span: Sendable, Equatable {
        /// Numbers of its segments, from 1.
        public let segments: ClosedRange<Int>
        /// Its output frames.
        public let frames: Range<Int>
        /// Index of the source's keyframe with which decoding begins; nil to read from the beginning.
        public let key: Int?
    }

    /// Segments in a span for which nothing else is decisive: half a minute.
    public static let usualSegments = 5
    /// A rest of fewer segments joins the span before it.
    public static let leastSegments = 2
    /// Frames a span must have per frame that is decoded only to get there.
    public static let framesPerWastedFrame = 10

    /// Spans of an output of `frames` frames; with the source's keyframe *i* everything from output frame `keys[i]` on
    /// can be made (ascending).
    ///
    /// The first is a single segment, so that playing can begin; later ones are longer where the way back to a keyframe
    /// would cost more than a tenth of them, and up to twice as long where the next then begins nearer to one. A source
    /// that cannot be sought is one span. Empty for no frames.
    public static func spans(grid: FrameGrid, frames: Int, keys: [Int], canSeek: Bool) -> [Span] {
        let segments = grid.segments(frames: frames)
        guard segments > 0 else { return [] }
        guard canSeek else { return [Span(segments: 1...segments, frames: 0..<frames, key: nil)] }
        /// Frames to decode before the first of segment `number`.
        let way = { (number: Int) in
            let start = grid.firstFrame(ofSegment: number)
            return start - (lastKey(keys, notAfter: start).map { keys[$0] } ?? 0)
        }
        var spans: [Span] = []
        var first = 1
        while first <= segments {
            let start = grid.firstFrame(ofSegment: first)
            var last = 1
            if first > 1 {
                last = min(first + usualSegments - 1, segments)
                let least = way(first) * framesPerWastedFrame
                while last < segments, grid.firstFrame(ofSegment: last + 1) - start < least { last += 1 }
                last = bestEnd(last...min(last + usualSegments - 1, segments), grid, way)
            }
            if segments - last < leastSegments { last = segments }
            let end = min(grid.firstFrame(ofSegment: last + 1), frames)
            let key = first == 1 ? nil : lastKey(keys, notAfter: start)
            spans.append(Span(segments: first...last, frames: start..<end, key: key))
            first = last + 1
        }
        return spans
    }

    /// The first of `ends` after which the way to the next span costs no more than a tenth of a usual one, else the one
    /// after which it costs least.
    private static func bestEnd(_ ends: ClosedRange<Int>, _ grid: FrameGrid, _ way: (Int) -> Int) -> Int {
        let usual = grid.framesPerGroup * FrameGrid.groupsPerSegment * usualSegments
        return ends.first { way($0 + 1) * framesPerWastedFrame <= usual } ?? ends.min { way($0 + 1) < way($1 + 1) }
            ?? ends.lowerBound
    }

    /// Index of the last of `keys` that is not after `frame`.
    static func lastKey(_ keys: [Int], notAfter frame: Int) -> Int? {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] <= frame { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}
