internal import Bytes

/// Brings the index into the writer's memory, a slice at a time, while readers already look objects up and the writer
/// already stores new ones: opening does not wait for it.
struct IndexLoad {
    /// What the writer must remember of a record.
    struct Found {
        let slot: UInt32
        let entry: StoreWriter.Entry
    }

    /// Some records in key order.
    struct Slice {
        var found: [Found] = []
        /// Index keys of records to delete.
        var rejected: [[UInt8]] = []
    }

    private let maxObjects: Int
    private let verifiesChecksums: Bool
    private var position: [UInt8]?
    /// Whether the whole index was seen.
    private(set) var isComplete = false

    /// `verifiesChecksums` for records that a power loss may have damaged.
    init(maxObjects: Int, verifiesChecksums: Bool) {
        self.maxObjects = maxObjects
        self.verifiesChecksums = verifiesChecksums
    }

    /// The next `limit` records.
    mutating func next(_ environments: StoreEnvironments, limit: Int) throws(StoreError) -> Slice {
        var slice = Slice()
        var count = 0
        var last: [UInt8]?
        let (maxObjects, verifies) = (maxObjects, verifiesChecksums)
        try ReadTransaction(environments.index).withSnapshot { (snapshot) throws(StoreError) in
            try snapshot.forEach(in: environments.objects, from: position) { key, value in
                count += 1
                if count == limit { last = [UInt8](key) }
                if key.count == 16, let record = IndexRecord(value), Int(record.slot) < maxObjects,
                    !verifies || IndexRecord.isIntact(value)
                {
                    let hash = Hash128(high: key.load(8), low: key.load(0))
                    slice.found.append(
                        Found(slot: record.slot, entry: StoreWriter.Entry(record, keyHash: hash, bytes: value)))
                } else {
                    slice.rejected.append([UInt8](key))
                }
                return last == nil
            }
        }
        // The key space right behind the last key seen.
        position = last.map { $0 + [0] }
        isComplete = last == nil
        return slice
    }
}
