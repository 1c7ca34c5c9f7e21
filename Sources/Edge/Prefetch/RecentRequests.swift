/// What one loop was asked for in this second, so that the many requests for a popular object cost one comparison each. A
/// fixed table: of two keys with the same place the later one is remembered.
struct RecentRequests {
    private struct Entry {
        var hash = 0
        var second = Int64.min
    }

    private static let slots = 2048
    private var entries = [Entry](repeating: Entry(), count: slots)

    /// Whether this is the first request for the key in this second, as far as is remembered.
    mutating func isFirst(_ hash: Int, now: Int64) -> Bool {
        let slot = hash & (Self.slots - 1)
        if entries[slot].hash == hash, entries[slot].second == now { return false }
        entries[slot] = Entry(hash: hash, second: now)
        return true
    }
}
