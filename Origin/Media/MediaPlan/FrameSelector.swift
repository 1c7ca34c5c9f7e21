/// Puts source frames of any timing on a run of output frames: each shows the newest source frame that has begun.
///
/// Two frames on one place: the later wins. Gaps repeat the frame before, and what comes before the first frame shows
/// that one already. Holds one frame back, because how long a frame lasts is known only when the next one comes. What an
/// output frame shows does not depend on where the run begins, as long as the newest frame before it is given, too.
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
    public private(set) var nextOutput: Int
    private let end: Int

    /// Selects for output frames `outputs`.
    public init(outputs: Range<Int>) {
        nextOutput = outputs.lowerBound
        end = outputs.upperBound
    }

    /// Whether a frame was given that has not been shown to its end.
    public var holdsFrame: Bool { held != nil }

    /// Whether every output frame has been decided.
    public var isComplete: Bool { nextOutput >= end }

    /// Takes the source frame nearest to `place` on the grid; returns the frame before it if its outputs are now known.
    public mutating func take(_ frame: Frame, at place: Int) -> Shown? {
        defer { held = frame }
        let upper = min(place, end)
        guard let before = held, upper > nextOutput else { return nil }
        defer { nextOutput = upper }
        return Shown(frame: before, outputs: nextOutput..<upper)
    }

    /// The last frame, shown to the end of the run; nil if there never was a frame, or nothing is left to show.
    public mutating func finish() -> Shown? {
        guard let last = held, nextOutput < end else { return nil }
        held = nil
        defer { nextOutput = end }
        return Shown(frame: last, outputs: nextOutput..<end)
    }
}
