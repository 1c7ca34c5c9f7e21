extension FrameGrid {
    /// The first frame of segment `number`, from 1; beyond the last cut of an irregular grid, its segments are regular.
    public func firstFrame(ofSegment number: Int) -> Int {
        let index = max(0, number - 1)
        guard let cuts else { return index * framesPerGroup * Self.groupsPerSegment }
        if index < cuts.count { return cuts[index] }
        return cuts[cuts.count - 1] + (index - cuts.count + 1) * framesPerGroup * Self.groupsPerSegment
    }

    /// Number, from 1, of the segment that holds `frame`.
    public func segment(ofFrame frame: Int) -> Int {
        let regular = framesPerGroup * Self.groupsPerSegment
        guard let cuts else { return frame / regular + 1 }
        if frame >= cuts[cuts.count - 1] { return cuts.count + (frame - cuts[cuts.count - 1]) / regular }
        var (low, high) = (0, cuts.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if cuts[middle] <= frame { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// Segments of an output of `frames` frames.
    public func segments(frames: Int) -> Int { frames > 0 ? segment(ofFrame: frames - 1) : 0 }

    /// The frames of segment `number` in an output of `total` frames.
    public func frames(ofSegment number: Int, total: Int) -> Range<Int> {
        let first = min(firstFrame(ofSegment: number), total)
        return first..<max(first, min(firstFrame(ofSegment: number + 1), total))
    }

    /// Whether `frame` begins a group, and so is coded without reference to any other.
    public func isKey(_ frame: Int) -> Bool {
        guard cuts != nil else { return frame.isMultiple(of: framesPerGroup) }
        return (frame - firstFrame(ofSegment: segment(ofFrame: frame))).isMultiple(of: framesPerGroup)
    }
}
