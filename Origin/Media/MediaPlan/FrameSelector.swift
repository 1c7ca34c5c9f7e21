/// Puts source frames of any timing on the output grid: each output frame shows the newest source frame that has begun.
///
/// Two frames on one place: the later wins. Gaps repeat the frame before. Holds one frame back, because how long a
/// frame lasts is known only when the next one comes.
public struct FrameSelector<Frame> {
    /// A source frame and the output frames that show it.
    public struct Shown {
        /// The source frame.
        public let frame: Frame
        /// Output frame numbers, never empty.
        public let outputs: Range<Int>
    }

    private var held: Frame?
    /// The first output frame not yet decided.
    public private(set) var nextOutput = 0
    /// Longest run of repeats in frames; a longer gap is taken for a broken clock and closed.
    private let maximumGap: Int
    private var shift = 0

    /// Starts at output frame 0.
    public init(maximumGap: Int) { self.maximumGap = max(1, maximumGap) }

    /// Takes the source frame nearest to `place` on the grid; returns the frame before it if its outputs are now known.
    public mutating func take(_ frame: Frame, at place: Int) -> Shown? {
        var place = place - shift
        if place > nextOutput + maximumGap, held != nil {
            shift += place - nextOutput - 1
            place = nextOutput + 1
        } else if place < nextOutput - maximumGap {
            shift += place - nextOutput
            place = nextOutput
        }
        defer { held = frame }
        guard let before = held, place > nextOutput else { return nil }
        defer { nextOutput = place }
        return Shown(frame: before, outputs: nextOutput..<place)
    }

    /// The last frame, shown for `frames` output frames (at least one); nil if there never was a frame.
    public mutating func finish(lasting frames: Int) -> Shown? {
        guard let last = held else { return nil }
        held = nil
        let start = nextOutput
        nextOutput += max(1, min(frames, maximumGap))
        return Shown(frame: last, outputs: start..<nextOutput)
    }
}
