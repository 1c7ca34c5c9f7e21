/// How to turn a decoded picture upright: first exchange the axes if asked, then mirror.
public struct Orientation: Sendable, Equatable {
    /// Whether rows become columns.
    public var transposes: Bool
    /// Whether left and right change places afterwards.
    public var flipsHorizontally: Bool
    /// Whether top and bottom change places afterwards.
    public var flipsVertically: Bool

    /// The picture is upright as decoded.
    public static let upright = Orientation(transposes: false, flipsHorizontally: false, flipsVertically: false)

    /// Spells out the three steps.
    public init(transposes: Bool, flipsHorizontally: Bool, flipsVertically: Bool) {
        self.transposes = transposes
        self.flipsHorizontally = flipsHorizontally
        self.flipsVertically = flipsVertically
    }

    /// From the upper left 2×2 of a container's display matrix, which takes (x, y) to (ax + cy, bx + dy).
    ///
    /// Angles that are no multiple of 90° go to the nearest one.
    public init(a: Int, b: Int, c: Int, d: Int) {
        transposes = a.magnitude < b.magnitude || (a == 0 && d == 0 && (b != 0 || c != 0))
        flipsHorizontally = (transposes ? c : a) < 0
        flipsVertically = (transposes ? b : d) < 0
    }

    /// In words for the explain page.
    public var words: String {
        switch (transposes, flipsHorizontally, flipsVertically) {
        case (false, false, false): "upright"
        case (false, true, true): "turned by 180°"
        case (true, true, false): "turned by 90° clockwise"
        case (true, false, true): "turned by 90° counter-clockwise"
        case (false, true, false): "mirrored left to right"
        case (false, false, true): "mirrored top to bottom"
        case (true, false, false), (true, true, true): "mirrored along a diagonal"
        }
    }
}
