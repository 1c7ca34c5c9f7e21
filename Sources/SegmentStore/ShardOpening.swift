internal import Bytes

/// Opens the files of one shard: decides what of them can be believed, without reading the index if all of it can.
struct ShardOpening {
    static let idReserve: UInt64 = 1 << 20

    let number: Int
    let folder: String
    let options: SegmentStoreOptions
    let environments: StoreEnvironments
    let isTrusted: Bool
    /// Raw id of the next object.
    let nextID: UInt64
    private(set) var settings: ShardSettings
    let purgeCounts: PurgeCounts
    /// Records of the index.
    let objectCount: Int
    /// Whether chunks may be left over, or missing.
    let needsReconciliation: Bool
    /// Records that were damaged.
    private(set) var dropped = 0
    private(set) var verification: VerificationTable?

    /// `folder` must exist; `audits` whether the structure of every file is read first, which is so whenever the files
    /// are not trusted.
    init(
        number: Int, of shardCount: Int, folder: String, options: SegmentStoreOptions, isTrusted: Bool, wasClean: Bool,
        audits: Bool = false
    ) throws(StoreError) {
        self.number = number
        self.folder = folder
        self.options = options
        self.isTrusted = isTrusted
        let wiped = ShardOpening.discardDamaged(folder, options, whole: audits || !isTrusted)
        environments = try ShardOpening.openEnvironments(folder, options)
        for environment in environments.all { environment.checkReaders() }
        settings = try ShardSettings(environments)
        purgeCounts = try PurgeCounts(environments)
        needsReconciliation = !wasClean || wiped
        var next = settings.ids
        if !isTrusted || options.verification == .always && !audits {
            let counts = try ShardOpening.sift(
                environments, options, verifiesChecksums: !isTrusted, &next, &settings, &dropped)
            next = max(next, try ShardOpening.idBehindChunks(environments))
            next = ShardOpening.rounded(next, number, shardCount)
            verification = VerificationTable(chunkCounts: counts, firstTrusted: ObjectID(rawValue: next))
        } else if wiped {
            next = max(next, try ShardOpening.idBehindChunks(environments))
        }
        nextID = ShardOpening.rounded(max(next, 1), number, shardCount)
        objectCount = try environments.index.count(in: environments.objects)
        settings.ids = nextID + ShardOpening.idReserve * UInt64(shardCount)
        let transaction = try WriteTransaction(environments.index)
        try settings.write(environments, in: transaction)
        try transaction.commit()
    }

    /// The next number from `id` on that belongs to this shard.
    private static func rounded(_ id: UInt64, _ number: Int, _ shardCount: Int) -> UInt64 {
        let count = UInt64(shardCount)
        return (id + count - 1 - UInt64(number)) / count * count + UInt64(number)
    }

    /// Empties what is damaged in structure, before LMDB can stumble over it.
    ///
    /// Returns whether anything was.
    private static func discardDamaged(_ folder: String, _ options: SegmentStoreOptions, whole: Bool) -> Bool {
        var wiped = false
        for name in StoreEnvironments.fileNames {
            let path = folder + "/" + name
            guard let fault = EnvironmentAudit.fault(inFile: path, whole: whole) else { continue }
            options.onEvent(.wiped(environment: path, reason: fault))
            wiped = true
            // Without the index nobody knows what the chunks are.
            if name == StoreEnvironments.indexName {
                StoreEnvironments.removeAll(in: folder)
                return true
            }
            StoreEnvironments.remove(path)
        }
        return wiped
    }

    /// Opens the environments; one that LMDB itself refuses as damaged takes the whole shard with it.
    private static func openEnvironments(
        _ folder: String, _ options: SegmentStoreOptions
    ) throws(StoreError) -> StoreEnvironments {
        do throws(StoreError) {
            return try StoreEnvironments(folder: folder, options: options)
        } catch  where error.code == .damaged || error.code == .format {
            options.onEvent(.wiped(environment: folder, reason: error.description))
            StoreEnvironments.removeAll(in: folder)
            return try StoreEnvironments(folder: folder, options: options)
        }
    }

    /// Reads every record: deletes those that are damaged, or share a slot, and returns the chunks of the object in each
    /// slot.
    private static func sift(
        _ environments: StoreEnvironments, _ options: SegmentStoreOptions, verifiesChecksums: Bool,
        _ next: inout UInt64,
        _ settings: inout ShardSettings, _ dropped: inout Int
    ) throws(StoreError) -> [Int] {
        var load = IndexLoad(maxObjects: options.maxObjects, verifiesChecksums: verifiesChecksums)
        var counts: [Int] = []
        var used: [Bool] = []
        while !load.isComplete {
            var slice = try load.next(environments, limit: 8_192)
            for found in slice.found {
                let slot = Int(found.slot)
                if slot >= used.count {
                    used.append(contentsOf: repeatElement(false, count: slot + 1 - used.count))
                    counts.append(contentsOf: repeatElement(0, count: slot + 1 - counts.count))
                }
                if used[slot] {
                    slice.rejected.append(found.entry.keyHash.bytes)
                    continue
                }
                used[slot] = true
                counts[slot] = found.entry.isInline ? 0 : SizeClass.chunkCount(ofLength: found.entry.length)
                next = max(next, found.entry.id.rawValue + 1)
            }
            try environments.deleteRecords(slice.rejected)
            dropped += slice.rejected.count
        }
        settings.slots = max(settings.slots, UInt64(used.count))
        return counts
    }

    /// The first id behind those of all chunks, in case the index lags behind them.
    private static func idBehindChunks(_ environments: StoreEnvironments) throws(StoreError) -> UInt64 {
        var next: UInt64 = 0
        for chunks in environments.chunks {
            let transaction = try ReadTransaction(chunks.environment)
            let last = try transaction.withSnapshot { (snapshot) throws(StoreError) in
                try snapshot.lastKey(in: chunks.database)
            }
            if let key = last?.withUnsafeBytes({ ChunkKey($0) }) { next = max(next, key.id.rawValue + 1) }
        }
        return next
    }
}
