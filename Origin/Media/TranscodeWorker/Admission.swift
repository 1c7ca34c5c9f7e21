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

    /// Less free memory than this, in MiB, is not worth asking for.
    static let smallest = 128

    /// Units side by side.
    var slots: Int
    /// Memory of all running units, in MiB.
    let memoryMebibytes: Int
    private var running: [Key: Int] = [:]

    init(slots: Int, memoryMebibytes: Int) {
        self.slots = slots
        self.memoryMebibytes = memoryMebibytes
    }

    /// Units that run.
    var count: Int { running.count }

    /// Memory a further unit may take, in MiB; nil while none may begin.
    var offer: Int? {
        guard running.count < slots else { return nil }
        let free = memoryMebibytes - running.values.reduce(0, +)
        return free >= Self.smallest || running.isEmpty ? free : nil
    }

    mutating func begin(_ key: Key, memoryMebibytes: Int) { running[key] = memoryMebibytes }

    mutating func end(_ key: Key) { running[key] = nil }
}

extension LeasedUnit {
    var admissionKey: Admission.Key { .init(jobId: jobId, number: number, fence: fence) }
}
