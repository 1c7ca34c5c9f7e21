/// SIEVE eviction: a queue in order of arrival and a hand that walks from the oldest to the newest, sparing what was
/// visited since it last passed.
///
/// A hit only sets a bit, so readers need no lock; only the writer owns this list.
///
/// Slots are small integers chosen by the owner; links are kept in two flat arrays.
struct Sieve {
    private static let none = UInt32.max

    private var older: [UInt32] = []
    private var newer: [UInt32] = []
    private var present: [Bool] = []
    private var oldest = Sieve.none
    private var newest = Sieve.none
    private var hand = Sieve.none
    /// Slots in the list.
    private(set) var count = 0

    /// Adds `slot` as the newest.
    mutating func insert(_ slot: UInt32) {
        reserve(slot)
        precondition(!present[Int(slot)], "a slot is in the list once")
        present[Int(slot)] = true
        older[Int(slot)] = newest
        newer[Int(slot)] = Sieve.none
        if newest != Sieve.none { newer[Int(newest)] = slot } else { oldest = slot }
        newest = slot
        count += 1
    }

    /// Takes `slot` out, whoever decided that.
    mutating func remove(_ slot: UInt32) {
        guard contains(slot) else { return }
        if hand == slot { hand = newer[Int(slot)] }
        unlink(slot)
    }

    /// Whether `slot` is in the list.
    func contains(_ slot: UInt32) -> Bool {
        Int(slot) < present.count && present[Int(slot)]
    }

    /// Takes out and returns the next slot to evict among those that `qualifies`, or `nil` if none does.
    ///
    /// `clearVisited` returns whether a slot was visited and clears that. Complexity: two rounds of the list at worst,
    /// and clearing is paid for by the visits that set it.
    mutating func evict(clearVisited: (UInt32) -> Bool, where qualifies: (UInt32) -> Bool = { _ in true }) -> UInt32? {
        var steps = 2 * count
        while steps > 0 {
            steps -= 1
            if hand == Sieve.none { hand = oldest }
            let candidate = hand
            hand = newer[Int(candidate)]
            if qualifies(candidate), !clearVisited(candidate) {
                unlink(candidate)
                return candidate
            }
        }
        return nil
    }

    private mutating func reserve(_ slot: UInt32) {
        guard Int(slot) >= present.count else { return }
        let missing = max(Int(slot) + 1 - present.count, min(present.count, 65_536))
        older.append(contentsOf: repeatElement(Sieve.none, count: missing))
        newer.append(contentsOf: repeatElement(Sieve.none, count: missing))
        present.append(contentsOf: repeatElement(false, count: missing))
    }

    private mutating func unlink(_ slot: UInt32) {
        let before = older[Int(slot)]
        let after = newer[Int(slot)]
        if before != Sieve.none { newer[Int(before)] = after } else { oldest = after }
        if after != Sieve.none { older[Int(after)] = before } else { newest = before }
        present[Int(slot)] = false
        count -= 1
    }
}
