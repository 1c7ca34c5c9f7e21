/// Draws how far a video is, in one line.
public struct ProgressLine: Sendable {
    private let state: UploadState

    /// The line of `state`.
    public init(_ state: UploadState) { self.state = state }

    /// The line for a terminal of `width` columns: bar, percentage, time left, and what is published of each rendition, as
    /// much as fits.
    public func text(width: Int) -> String {
        Bar.line(progress: state.progress, [state.status] + rest, width: width)
    }

    /// What is new for somebody who reads line by line and has read `earlier`: a status, or another tenth of the work.
    public func news(since earlier: UploadState?) -> String? {
        let isNew = earlier?.status != state.status || tenths(earlier?.progress ?? 0) != tenths(state.progress)
        return isNew ? (["  \(state.status) \(Bar.percent(state.progress))"] + rest).joined(separator: "  ") : nil
    }

    private var rest: [String] {
        let left = state.secondsLeft.map { ["about \(Self.clock($0)) left"] } ?? []
        return left + state.renditions.map { "\($0.name) \(Self.clock($0.seconds))" }
    }

    private func tenths(_ progress: Double) -> Int { Int(progress * 10) }

    /// Seconds as 0:07, 12:34 or 1:02:03.
    public static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds.rounded(), 0), 359_999))
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        let (hours, minutes) = (whole / 3_600, whole / 60 % 60)
        return hours == 0 ? "\(minutes):\(two(whole % 60))" : "\(hours):\(two(minutes)):\(two(whole % 60))"
    }
}
