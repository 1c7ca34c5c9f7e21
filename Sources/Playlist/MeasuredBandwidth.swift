/// What a rendition's segments really need, as RFC 8216 §4.1 defines it; container overhead is in the byte counts.
public struct MeasuredBandwidth: Sendable, Equatable {
    /// One segment as stored.
    public struct Segment: Sendable, Equatable {
        /// Size of the stored object.
        public let bytes: Int
        /// The segment's EXTINF in microseconds.
        public let durationMicroseconds: Int64

        /// A segment of `bytes` that plays for `durationMicroseconds`.
        public init(bytes: Int, durationMicroseconds: Int64) {
            self.bytes = bytes
            self.durationMicroseconds = durationMicroseconds
        }
    }

    /// Bits per second of the worst contiguous run that lasts 0.5 to 1.5 target durations, rounded up.
    ///
    /// A presentation too short to hold such a run counts as one run.
    public let peak: Int
    /// Bits per second over everything, rounded up.
    public let average: Int

    /// A longer run is not looked at, so that a list of segments without duration takes no time without end.
    private static let longestRun = 256

    /// Measures `segments` in play order.
    ///
    /// Complexity: O(n), since a run holds few segments.
    public init(segments: [Segment], targetDurationSeconds: Int) {
        let shortest = Int64(targetDurationSeconds) * 500_000
        let longest = Int64(targetDurationSeconds) * 1_500_000
        var peak = 0
        for first in segments.indices {
            var bytes = 0
            var duration: Int64 = 0
            for segment in segments[first...].prefix(Self.longestRun) {
                bytes += segment.bytes
                duration += segment.durationMicroseconds
                if duration > longest { break }
                if duration >= shortest { peak = max(peak, Self.rate(bytes: bytes, microseconds: duration)) }
            }
        }
        average = Self.rate(
            bytes: segments.reduce(0) { $0 + $1.bytes },
            microseconds: segments.reduce(0) { $0 + $1.durationMicroseconds })
        self.peak = max(peak, average)
    }

    private static func rate(bytes: Int, microseconds: Int64) -> Int {
        guard microseconds > 0 else { return 0 }
        let (high, low) = UInt64(bytes).multipliedFullWidth(by: 8_000_000)
        guard high < UInt64(microseconds) else { return Int.max }
        let (quotient, remainder) = UInt64(microseconds).dividingFullWidth((high, low))
        return Int(clamping: quotient) + (remainder > 0 ? 1 : 0)
    }
}
