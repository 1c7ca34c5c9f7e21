/// Who may put what they have read into the ring: nobody who began to read before somebody whose view is in it.
struct FeedOrder {
    private var begun = 0
    private var newest = 0

    /// Call before reading.
    mutating func begin() -> Int {
        begun += 1
        return begun
    }

    /// Call when about to put in what was read.
    mutating func mayEnd(_ turn: Int) -> Bool {
        guard turn > newest else { return false }
        newest = turn
        return true
    }
}
