/// Who goes when room is needed: a probation queue in front of a SIEVE list.
///
/// What was never asked for before starts on probation. The oldest there goes first, unless somebody asked for it
/// meanwhile, and then it moves to the main list. So a scan, or the long tail of videos that one person watches, passes
/// through a tenth of the cache instead of all of it, and still nothing is refused: the first viewer's segments are there
/// for the second.
///
/// Slots are small integers chosen by the owner; only the writer owns this.
struct EvictionOrder {
    enum Place: Equatable { case probation, main }

    /// Hundredths of the weight that probation keeps before it has to give.
    let probationShare: Int
    private var probation = Sieve()
    private var main = Sieve()
    private var weights: [UInt32] = []
    private var probationWeight = 0
    private var mainWeight = 0

    /// A share of 0 is SIEVE alone.
    init(probationShare: Int) {
        self.probationShare = probationShare
    }

    /// Slots in both lists.
    var count: Int { probation.count + main.count }

    func contains(_ slot: UInt32) -> Bool { place(of: slot) != nil }

    func place(of slot: UInt32) -> Place? {
        if main.contains(slot) { return .main }
        return probation.contains(slot) ? .probation : nil
    }

    /// Adds `slot` as the newest of a list; `weight` is what it occupies.
    mutating func insert(_ slot: UInt32, weight: Int, in place: Place) {
        if Int(slot) >= weights.count {
            let missing = max(Int(slot) + 1 - weights.count, min(weights.count, 65_536))
            weights.append(contentsOf: repeatElement(0, count: missing))
        }
        weights[Int(slot)] = UInt32(clamping: weight)
        if place == .probation, probationShare > 0 {
            probation.insert(slot)
            probationWeight += Int(weights[Int(slot)])
        } else {
            main.insert(slot)
            mainWeight += Int(weights[Int(slot)])
        }
    }

    /// Takes `slot` out, whoever decided that.
    mutating func remove(_ slot: UInt32) {
        switch place(of: slot) {
        case .probation:
            probation.remove(slot)
            probationWeight -= Int(weights[Int(slot)])
        case .main:
            main.remove(slot)
            mainWeight -= Int(weights[Int(slot)])
        case nil: break
        }
    }

    /// Takes out and returns the next slot to evict among those that `qualifies`, or `nil` if none does.
    ///
    /// `clearVisited` returns whether a slot was visited and clears that. Complexity: that of `Sieve.evict`, twice.
    mutating func evict(clearVisited: (UInt32) -> Bool, where qualifies: (UInt32) -> Bool = { _ in true }) -> UInt32? {
        let isOver = probationWeight * 100 > (probationWeight + mainWeight) * probationShare
        if isOver, let slot = evictOnProbation(clearVisited, qualifies) { return slot }
        if let slot = main.evict(clearVisited: clearVisited, where: qualifies) {
            mainWeight -= Int(weights[Int(slot)])
            return slot
        }
        return isOver ? nil : evictOnProbation(clearVisited, qualifies)
    }

    private mutating func evictOnProbation(
        _ clearVisited: (UInt32) -> Bool, _ qualifies: (UInt32) -> Bool
    ) -> UInt32? {
        while let slot = probation.evict(clearVisited: { _ in false }, where: qualifies) {
            probationWeight -= Int(weights[Int(slot)])
            guard clearVisited(slot) else { return slot }
            main.insert(slot)
            mainWeight += Int(weights[Int(slot)])
        }
        return nil
    }
}
