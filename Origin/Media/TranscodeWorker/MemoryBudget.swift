/// Memory that units of work may take, as estimated, in MiB.
struct MemoryBudget: Sendable, Equatable {
    /// All that run side by side.
    let together: Int
    /// One that runs alone.
    let alone: Int

    /// Usual memory for each unit side by side: 300 MB, in which one of 720 lines has room. Where larger ones have none beside
    /// each other, one of them uses several processors.
    static let usualPerUnit = 286
    /// A machine that has less is given units of this size all the same.
    static let least = 512

    /// What an operator sets holds for both. Otherwise one unit may take half of a machine that has `machine`, but a further
    /// one is begun beside it only within the usual memory for each of `slots`.
    init(set: Int? = nil, slots: Int, machine: Int) {
        alone = set ?? max(Self.least, machine / 2)
        together = set ?? min(alone, Self.usualPerUnit * slots)
    }
}
