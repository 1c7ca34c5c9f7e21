/// How long to wait before asking again.
enum Backoff {
    private static let firstSeconds = 0.5
    private static let longestSeconds = 30.0

    /// The pause after `failures` in a row; none before the first. `chance`, from 0 to 1, decides about its second half.
    static func pause(after failures: Int, chance: Double) -> Duration {
        guard failures > 0 else { return .zero }
        var whole = firstSeconds
        for _ in 1..<failures where whole < longestSeconds { whole *= 2 }
        return .seconds(min(whole, longestSeconds) * (0.5 + min(max(chance, 0), 1) / 2))
    }
}
