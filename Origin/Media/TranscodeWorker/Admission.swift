/// Which units may run side by side: as many as there are slots, and together no more memory than allowed.
///
/// Pure. A worker with nothing to do takes what it is given: the origin gives it a unit that needs more than the whole budget
/// when no larger worker came for it.
struct Admission: Sendable {
    /// One run of one unit.
    struct Key: Hashable, Sendable {
        let jobId: String
        let number: Int
        let fence: Int64
    }

    /// Less free memory than this, in MiB, is not worth asking for: what the smallest units take, those of sound.
    static let smallest = 60

    /// Units side by side.
    var slots: Int
    /// Memory of all running units.
    let memory: MemoryBudget
    /// Processors that all units may use together.
    let processors: Int
    private var running: [Key: Int] = [:]

    init(slots: Int, memory: MemoryBudget, processors: Int) {
        self.slots = slots
        self.memory = memory
        self.processors = processors
    }

    /// Units that run.
    var count: Int { running.count }

    /// Memory a further unit may take, in MiB; nil while none may begin.
    var offer: Int? {
        guard running.count < slots else { return nil }
        guard !running.isEmpty else { return memory.alone }
        let free = memory.together - running.values.reduce(0, +)
        return free >= Self.smallest ? free : nil
    }

    /// Whether a unit of so much memory may begin; with nothing to do, any may.
    func admits(mebibytes: Int) -> Bool { running.isEmpty || offer.map { mebibytes <= $0 } ?? false }

    /// Threads for a unit of so much memory: where fewer such units than processors have room side by side, those share the
    /// processors out.
    func threads(forMebibytes mebibytes: Int) -> Int {
        let beside = min(max(memory.together / max(mebibytes, 1), 1), max(slots, 1))
        return (min(processors, slots) + beside - 1) / beside
    }

    mutating func begin(_ key: Key, memoryMebibytes: Int) { running[key] = memoryMebibytes }

    mutating func end(_ key: Key) { running[key] = nil }
}

extension LeasedUnit {
    var admissionKey: Admission.Key { .init(jobId: jobId, number: number, fence: fence) }
}
