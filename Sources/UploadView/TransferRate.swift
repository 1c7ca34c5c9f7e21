/// How fast bytes go, over the last ten seconds.
public struct TransferRate: Sendable {
    private static let windowSeconds = 10.0
    /// Below that a rate says more about the looking than about the line.
    private static let shortestSeconds = 0.5

    private var samples: [(seconds: Double, bytes: Int64)] = []

    /// No rate yet.
    public init() {}

    /// Takes down that `bytes` have gone in all at `seconds` of any clock. Fewer than before, as when a part is sent again,
    /// begin anew.
    public mutating func note(_ bytes: Int64, at seconds: Double) {
        if let last = samples.last, bytes < last.bytes { samples = [] }
        samples.append((seconds, bytes))
        // The last sample before the window stays: it is where the window begins.
        while samples.count > 2, samples[1].seconds <= seconds - Self.windowSeconds { samples.removeFirst() }
    }

    /// Bytes a second; nil until there is something to judge by.
    public var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.seconds - first.seconds >= Self.shortestSeconds
        else { return nil }
        return Double(last.bytes - first.bytes) / (last.seconds - first.seconds)
    }
}
