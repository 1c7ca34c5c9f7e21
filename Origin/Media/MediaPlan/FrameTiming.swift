/// How regularly the pictures of an upload come, measured from every one of them.
public struct FrameTiming: Sendable, Equatable {
    /// Pictures.
    public let count: Int
    /// Pictures per second from the first to the last; nil for fewer than two.
    public let averageRate: Double?
    /// Pictures per second where they come at their usual distance; nil for fewer than two.
    public let usualRate: Double?
    /// Share of the distances that are the usual one, 0 to 1.
    public let regularity: Double
    /// Longest time between two pictures, in seconds.
    public let largestGapSeconds: Double

    /// Whether the distances differ by more than a container's rounding.
    public var isVariable: Bool { regularity < 0.995 }

    /// Measures `pictures`.
    public init(_ pictures: MeasuredPictures) {
        let seconds = pictures.unit.value
        let times = pictures.times
        count = times.count
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
        guard let first = times.first, let last = times.last, last > first, !gaps.isEmpty else {
            (averageRate, usualRate, regularity, largestGapSeconds) = (nil, nil, 1, 0)
            return
        }
        averageRate = Double(times.count - 1) / (Double(last - first) * seconds)
        largestGapSeconds = Double(gaps[gaps.count - 1]) * seconds
        let median = Double(gaps[(gaps.count - 1) / 2])
        // A clock of milliseconds makes 33 and 34 of every third; encoders of phones wander by a few per cent. Where
        // the clock ticks once a frame, two ticks are two frames.
        let tolerance = max(median / 20, min(1.5, median * 0.3))
        let usual = gaps.filter { abs(Double($0) - median) <= tolerance }
        let mean = Double(usual.reduce(0, +)) / Double(usual.count)
        usualRate = 1 / (mean * seconds)
        regularity = Double(usual.count) / Double(gaps.count)
    }
}
