/// How heat is reckoned: a view counts half after a day, a quarter after two.
///
/// Kept as the binary logarithm of the sum of all views, each counted as two to the number of half-lives between 1970 and its
/// time. Time makes no heat smaller, it makes what is new count more, so that no row is touched but by views of its video.
enum Heat {
    /// Milliseconds.
    static let halfLife = 86_400_000.0
}

/// Reads what is watched most lately.
public protocol TrendingReader {
    /// Listed videos, hottest first, by their ids.
    func trending(limit: Int) throws -> [String]
}
