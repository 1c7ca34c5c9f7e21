/// Draws how far a file is on its way, in one line.
public struct TransferLine: Sendable {
    private let bytes: Int64
    private let total: Int64
    private let bytesPerSecond: Double?
    private let trouble: String?

    /// The line of `bytes` that have gone of `total`, at a rate when one is known; `trouble` is why nothing goes at the moment.
    public init(bytes: Int64, total: Int64, bytesPerSecond: Double?, trouble: String? = nil) {
        self.trouble = trouble
        self.total = max(total, 0)
        self.bytes = min(max(bytes, 0), self.total)
        self.bytesPerSecond = bytesPerSecond
    }

    /// The line for a terminal of `width` columns: bar, percentage, bytes, rate and time left, as much as fits.
    public func text(width: Int) -> String { Bar.line(progress: progress, rest, width: width) }

    /// The line for somebody who reads line by line; `word` says what goes on, such as `uploading`.
    public func news(_ word: String) -> String {
        (["  \(word) \(Bar.percent(progress))"] + rest).joined(separator: "  ")
    }

    private var progress: Double { total == 0 ? 1 : Double(bytes) / Double(total) }

    private var rest: [String] {
        var parts = ["\(ByteCount.text(bytes)) of \(ByteCount.text(total))"]
        if let trouble { return parts + ["trying again", trouble] }
        guard let bytesPerSecond else { return parts }
        parts.append("\(ByteCount.text(Int64(min(bytesPerSecond, 1e15))))/s")
        if bytesPerSecond >= 1 {
            parts.append("about \(ProgressLine.clock(Double(total - bytes) / bytesPerSecond)) left")
        }
        return parts
    }
}
