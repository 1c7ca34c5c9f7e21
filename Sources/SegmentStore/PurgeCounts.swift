internal import Bytes

/// What purges have reclaimed in one shard: kept in the index beside the records and changed by the transactions that delete
/// them, so that a process that is killed counts neither twice nor too little.
struct PurgeCounts: Equatable {
    /// Objects, and bytes of their bodies.
    struct Count: Equatable {
        var objects = 0
        var bytes = 0
    }

    private(set) var counts: [PurgeSequence: Count] = [:]

    init() {}

    mutating func add(_ sequence: PurgeSequence, objects: Int, bytes: Int) {
        counts[sequence, default: Count()].objects += objects
        counts[sequence, default: Count()].bytes += bytes
    }

    /// Reads all that was recorded.
    init(_ environments: StoreEnvironments) throws(StoreError) {
        var found: [PurgeSequence: Count] = [:]
        let transaction = try ReadTransaction(environments.index)
        try transaction.withSnapshot { (snapshot) throws(StoreError) in
            try snapshot.forEach(in: environments.settings, from: PurgeCounts.prefix) { key, value in
                guard let sequence = PurgeCounts.sequence(of: key) else { return false }
                if value.count == 16 {
                    found[sequence] = Count(
                        objects: Int(clamping: value.load(0) as UInt64), bytes: Int(clamping: value.load(8) as UInt64))
                }
                return true
            }
        }
        counts = found
    }

    /// Adds to what is recorded, with whatever else the transaction does.
    func write(_ environments: StoreEnvironments, in transaction: borrowing WriteTransaction) throws(StoreError) {
        for (sequence, count) in counts {
            let key = PurgeCounts.key(of: sequence)
            var (objects, bytes) = (UInt64(count.objects), UInt64(count.bytes))
            try key.withRawBytes { (key) throws(StoreError) in
                guard let known = try transaction.value(of: key, in: environments.settings), known.count == 16 else {
                    return
                }
                objects += known.load(0)
                bytes += known.load(8)
            }
            var value: [UInt8] = []
            value.append(littleEndian: objects)
            value.append(littleEndian: bytes)
            try transaction.put(key, in: environments.settings, value)
        }
    }

    /// Forgets purges that nobody can ask about any more.
    static func forget(before oldest: PurgeSequence, _ environments: StoreEnvironments) throws(StoreError) {
        var keys: [[UInt8]] = []
        let reading = try ReadTransaction(environments.index)
        try reading.withSnapshot { (snapshot) throws(StoreError) in
            try snapshot.forEach(in: environments.settings, from: prefix) { key, _ in
                guard let sequence = sequence(of: key), sequence < oldest else { return false }
                keys.append([UInt8](key))
                return true
            }
        }
        if keys.isEmpty { return }
        let transaction = try WriteTransaction(environments.index)
        for key in keys {
            _ = try key.withRawBytes { (key) throws(StoreError) in
                try transaction.delete(key, in: environments.settings)
            }
        }
        try transaction.commit()
    }

    private static let prefix = Array("purged ".utf8)

    /// Big-endian, so that they are in the order of purges.
    private static func key(of sequence: PurgeSequence) -> [UInt8] {
        prefix + (0..<8).map { UInt8(truncatingIfNeeded: sequence.rawValue >> (56 - 8 * UInt64($0))) }
    }

    private static func sequence(of key: UnsafeRawBufferPointer) -> PurgeSequence? {
        guard key.count == prefix.count + 8, key.starts(withBytes: prefix) else { return nil }
        return PurgeSequence(rawValue: key[prefix.count...].reduce(0) { $0 << 8 | UInt64($1) })
    }
}
