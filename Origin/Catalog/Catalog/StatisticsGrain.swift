/// How long the spans of time are that figures are kept for.
public enum StatisticsGrain: String, Sendable, CaseIterable {
    case minute
    case hour
    case day

    /// Milliseconds.
    public var length: Int64 {
        switch self {
        case .minute: 60_000
        case .hour: 3_600_000
        case .day: 86_400_000
        }
    }

    /// How long they are kept, in milliseconds: minutes two days, hours ninety, days as long as the video.
    public var kept: Int64? {
        switch self {
        case .minute: 2 * 86_400_000
        case .hour: 90 * 86_400_000
        case .day: nil
        }
    }

    /// The beginning of the span that `time` is in, in epoch milliseconds; never after it, also before 1970.
    public func start(of time: Int64) -> Int64 { time - (time % length + length) % length }
}
