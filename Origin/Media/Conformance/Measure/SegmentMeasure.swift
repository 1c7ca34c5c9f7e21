/// What one segment's bytes say.
struct SegmentMeasure: Equatable {
    /// Counted from 1 in the order of the playlist.
    var number: Int
    var bytes: Int
    var statedMicroseconds: Int64
    /// Whether times may begin anew here.
    var isDiscontinuity = false
    /// Decode time of the first sample of the leading track: pictures where there are any.
    var startNanoseconds: Int64?
    /// When the first sample is shown, edits taken into account.
    var shownNanoseconds: Int64?
    /// Length of the leading track.
    var durationNanoseconds: Int64?
    /// Of WebVTT: first and last time of the cues, mapped to the clock of the media.
    var cueNanoseconds: ClosedRange<Int64>?
}

/// Where a meter is.
struct SegmentContext {
    let place: Finding.Place
    /// Whether times may begin anew here: the first segment, or one behind a discontinuity.
    let isFresh: Bool
    /// Whether the playlist is one of key frames.
    let isIFrame: Bool
}

/// Ticks of a clock as nanoseconds, clamped to about three hundred years.
func nanoseconds(_ ticks: Int64, timescale: UInt32) -> Int64 {
    guard timescale > 0 else { return 0 }
    let limit: Int64 = 9_000_000_000_000_000_000
    let (high, low) = UInt64(ticks.magnitude).multipliedFullWidth(by: 1_000_000_000)
    guard high < UInt64(timescale) else { return ticks < 0 ? -limit : limit }
    let value = min(Int64(clamping: UInt64(timescale).dividingFullWidth((high, low)).quotient), limit)
    return ticks < 0 ? -value : value
}
