internal import Bytes

/// Settles accounts between the index and the chunk files after a crash.
struct Reconciliation {
    /// Chunked objects from before the opening in order of id, and their slots; `nil` until the index is loaded.
    var expected: [OrphanSweep.Expected]?
    var slots: [UInt32] = []
    var classIndex = 0
    var sweep: OrphanSweep?
    /// Where to go on in the environment of this class; `nil` at the beginning.
    var position: [UInt8]?
    var dropped = 0
    var orphans = 0

    init(dropped: Int = 0) { self.dropped = dropped }
}

extension StoreWriter {
    private static let recordsPerSlice = 8_192
    private static let chunksPerSlice = 2_048

    /// Loads some more records; the eviction order is right once all are there.
    func loadSlice() {
        guard var current = load else { return }
        do throws(StoreError) {
            var slice = try current.next(environments, limit: StoreWriter.recordsPerSlice)
            for found in slice.found {
                let slot = Int(found.slot)
                if slot >= entries.count {
                    entries.append(contentsOf: repeatElement(nil, count: slot + 1 - entries.count))
                }
                if let known = entries[slot] {
                    // Stored since the opening; or two records claim one slot, and then neither can be told right.
                    if known.id != found.entry.id { slice.rejected.append(found.entry.keyHash.bytes) }
                    continue
                }
                remember(found.entry, in: found.slot, place: .main)
            }
            try reject(slice.rejected)
            load = current
            if current.isComplete { finishLoading() }
        } catch {
            pauseBackground(error)
        }
    }

    /// Adds an object to everything the writer remembers but `objectCount`.
    func remember(_ entry: Entry, in slot: UInt32, place: EvictionOrder.Place) {
        entries[Int(slot)] = entry
        order.insert(slot, weight: entry.pages, in: place)
        indexBytes += entry.recordBytes
        bodyBytes += entry.length
        loadedCount += 1
    }

    /// Deletes records that make no sense; their chunks are left for the reconciliation.
    private func reject(_ keys: [[UInt8]]) throws(StoreError) {
        if keys.isEmpty { return }
        try environments.deleteRecords(keys)
        for key in keys where key.count == 16 {
            shard.records.invalidate(key.withUnsafeBytes { Hash128(high: $0.load(8), low: $0.load(0)) })
        }
        objectCount -= keys.count
        var account = reconciliation ?? Reconciliation()
        account.dropped += keys.count
        reconciliation = account
    }

    /// Everything is known: free slots, and who came first.
    private func finishLoading() {
        load = nil
        freeSlots = entries.indices.reversed().filter { entries[$0] == nil }.map { UInt32($0) }
        var arrivals: [(id: ObjectID, slot: UInt32)] = []
        arrivals.reserveCapacity(objectCount)
        for slot in entries.indices {
            if let entry = entries[slot] { arrivals.append((entry.id, UInt32(slot))) }
        }
        arrivals.sort { $0.id < $1.id }
        var sorted = EvictionOrder(probationShare: shard.options.probationShare)
        for (_, slot) in arrivals {
            guard let entry = entries[Int(slot)] else { continue }
            sorted.insert(slot, weight: entry.pages, in: order.place(of: slot) ?? .main)
        }
        order = sorted
        guard reconciliation != nil else { return }
        let old = arrivals.filter { $0.id < firstNew && entries[Int($0.slot)]?.isInline == false }
        reconciliation?.slots = old.map(\.slot)
        reconciliation?.expected = old.map { arrival in
            OrphanSweep.Expected(id: arrival.id, length: entries[Int(arrival.slot)]?.length ?? 0)
        }
    }

    /// Compares some more chunks with the index.
    func reconcileSlice() {
        guard var account = reconciliation, let expected = account.expected else { return }
        guard account.classIndex < SizeClass.allCases.count else {
            reconciliation = nil
            shard.counters.update { $0.dropped += account.dropped }
            shard.options.onEvent(
                .reconciled(shard: shard.number, dropped: account.dropped, orphans: account.orphans))
            return
        }
        let sizeClass = SizeClass.allCases[account.classIndex]
        var sweep = account.sweep ?? OrphanSweep(sizeClass, expected: expected)
        do throws(StoreError) {
            let (orphans, strangers, last) = try findOrphans(of: sizeClass, from: account.position, &sweep)
            doomed[sizeClass.rawValue] += orphans
            try deleteStrangers(strangers, of: sizeClass)
            account.orphans += orphans.count + strangers.count
            if let last {
                account.sweep = sweep
                account.position = last + [0]
            } else {
                sweep.finish()
                account.dropped += drop(sweep.incomplete, account)
                account.classIndex += 1
                account.sweep = nil
                account.position = nil
            }
            reconciliation = account
        } catch {
            pauseBackground(error)
        }
    }

    /// Chunks that belong to no object, keys that are no chunk's, and the last key seen, if there may be more.
    private func findOrphans(
        of sizeClass: SizeClass, from position: [UInt8]?, _ sweep: inout OrphanSweep
    ) throws(StoreError) -> (orphans: [ChunkKey], strangers: [[UInt8]], last: [UInt8]?) {
        let chunks = environments[sizeClass]
        var orphans: [ChunkKey] = []
        var strangers: [[UInt8]] = []
        var last: [UInt8]?
        var count = 0
        let firstNew = firstNew
        try ReadTransaction(chunks.environment).withSnapshot { (snapshot) throws(StoreError) in
            try snapshot.forEach(in: chunks.database, from: position) { key, value in
                count += 1
                if count == StoreWriter.chunksPerSlice { last = [UInt8](key) }
                if let parsed = ChunkKey(key) {
                    // Keys come in order of id, and what is newer than the opening is none of this account's business.
                    if parsed.id >= firstNew {
                        last = nil
                        return false
                    }
                    if !sweep.belongs(parsed, valueBytes: value.count) { orphans.append(parsed) }
                } else if !key.elementsEqual(ChunkKey.ageKey) {
                    strangers.append([UInt8](key))
                }
                return last == nil
            }
        }
        return (orphans, strangers, last)
    }

    private func deleteStrangers(_ keys: [[UInt8]], of sizeClass: SizeClass) throws(StoreError) {
        if keys.isEmpty { return }
        let transaction = try WriteTransaction(environments[sizeClass].environment)
        for key in keys {
            _ = try key.withRawBytes { (key) throws(StoreError) in
                try transaction.delete(key, in: environments[sizeClass].database)
            }
        }
        try transaction.commit()
        budget.add(-keys.count, to: sizeClass)
    }

    /// Drops objects that lack a chunk, unless they went meanwhile; returns how many there were.
    private func drop(_ incomplete: Set<ObjectID>, _ account: Reconciliation) -> Int {
        guard !incomplete.isEmpty, let expected = account.expected else { return 0 }
        let slots = zip(expected, account.slots)
            .filter { incomplete.contains($0.id) && entries[Int($1)]?.id == $0.id }
            .map { $1 }
        removeRecords(slots) { _, _ in }
        return slots.count
    }
}
