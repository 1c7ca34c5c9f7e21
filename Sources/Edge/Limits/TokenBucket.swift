/// A bucket of tokens that fills steadily: requests, or bytes of bodies.
///
/// What is left in a bucket is one number, its *debt*: the microseconds until it is full again. A client that has done
/// nothing for long owes nothing, so who is not known and whose bucket is full are the same, and a table of debts may
/// forget the latter without a loss.
struct TokenBucket: Sendable, Equatable {
    /// Tokens that come back each second.
    let perSecond: Int
    /// Tokens that a full bucket holds; the most that may be taken at once.
    let burst: Int
    /// Microseconds in which an empty bucket fills.
    private let capacity: UInt64

    init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
        capacity = Self.microseconds(for: burst, perSecond: perSecond)
    }

    /// Microseconds in which any bucket fills: what an operator may ask for, and what a taker may owe beyond it.
    static let longestDebt: UInt64 = 7_200_000_000
    /// Seconds in which a bucket of an operator's must fill.
    static let longestFillSeconds = 3600
    /// What may be owed beyond an empty bucket by bytes that were sent before they were counted.
    private static let longestOverdraft: UInt64 = 60_000_000

    enum Taking: Equatable {
        case taken(debt: UInt64)
        /// Nothing was taken; so many microseconds later it will be possible.
        case refused(after: UInt64)
    }

    /// Takes `tokens` if the bucket holds them.
    func take(_ tokens: Int, owing debt: UInt64) -> Taking {
        let wanted = bounded(debt) + microseconds(for: tokens)
        return wanted <= capacity ? .taken(debt: wanted) : .refused(after: wanted - capacity)
    }

    /// Takes `tokens` that are gone already, also from a bucket that does not hold them; returns the new debt.
    func spend(_ tokens: Int, owing debt: UInt64) -> UInt64 {
        min(bounded(debt) + microseconds(for: tokens), capacity + Self.longestOverdraft)
    }

    /// How many tokens the bucket holds.
    func tokens(owing debt: UInt64) -> Int {
        let debt = bounded(debt)
        guard debt < capacity else { return 0 }
        let product = (capacity - debt).multipliedFullWidth(by: UInt64(perSecond))
        return Int(clamping: UInt64(1_000_000).dividingFullWidth(product).quotient)
    }

    /// The microseconds in which `tokens` come back, at least one: nothing is free.
    private func microseconds(for tokens: Int) -> UInt64 { Self.microseconds(for: tokens, perSecond: perSecond) }

    private static func microseconds(for tokens: Int, perSecond: Int) -> UInt64 {
        max(1, min(UInt64(clamping: tokens), mostTokens) * 1_000_000 / UInt64(perSecond))
    }

    /// Of one call, so that a product with a million stays below 2⁶⁴; a tebibyte.
    private static let mostTokens: UInt64 = 1 << 40

    /// A debt that was made under other rules, before a reload, is at most what this bucket allows.
    private func bounded(_ debt: UInt64) -> UInt64 { min(debt, capacity + Self.longestOverdraft) }
}
