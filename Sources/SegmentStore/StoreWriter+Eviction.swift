internal import Bytes

extension StoreWriter {
    /// Evicts objects that `qualify` until `isEnough` of the weight of those chosen, or none is left.
    ///
    /// Their records are gone when this returns; their chunks are doomed.
    func evict(
        where qualifies: (Entry) -> Bool, until isEnough: (Int) -> Bool, weight: (Entry) -> Int
    ) {
        var victims: [UInt32] = []
        var chosen = 0
        while !isEnough(chosen) {
            let victim = order.evict(clearVisited: { shard.visited.clear($0) }) { slot in
                entries[Int(slot)].map(qualifies) ?? false
            }
            guard let victim, let entry = entries[Int(victim)] else {
                // There may be somebody nobody knows of yet.
                guard load != nil, monotonicMicroseconds() >= backgroundNotBefore else { break }
                loadSlice()
                continue
            }
            victims.append(victim)
            chosen += weight(entry)
        }
        if !victims.isEmpty { removeRecords(victims) { $0.evicted += $1 } }
    }

    /// Evicts some of what is there beyond the capacity, after that became smaller; returns whether there was any.
    func shrinkSlice() -> Bool {
        for sizeClass in SizeClass.allCases {
            let excess = budget.piecesToEvict(before: 0, in: sizeClass)
            if excess == 0 { continue }
            let slice = min(excess, StoreWriter.piecesPerSlice)
            evict(
                where: { $0.pieces(in: sizeClass) > 0 }, until: { $0 >= slice },
                weight: { $0.pieces(in: sizeClass) })
            // What is left over then belongs to running fills.
            if !hasDoomed { continue }
            deleteDoomed()
            return true
        }
        return false
    }

    private static let piecesPerSlice = 256

    /// Makes room for new records: fewer than `maxObjects`, and index bytes under their limit.
    func makeIndexRoom(for records: [PendingRecord]) {
        var count = 0
        var bytes = 0
        for case .finish(let fill, let finish) in records {
            count += 1
            bytes += IndexRecord.headerBytes + fill.key.count + finish.metadata.head.count
            bytes += finish.metadata.annotation.count + finish.inlineBody.count + 4 * fill.checksums.count
        }
        // Slots that are not known to be free may be; only the whole index says so.
        while load != nil, monotonicMicroseconds() >= backgroundNotBefore,
            count > freeSlots.count + shard.options.maxObjects - entries.count
        {
            loadSlice()
        }
        let excessObjects = objectCount + count - shard.options.maxObjects
        // Where nothing may grow, a new record takes the place of old ones.
        let limit = space.isLow ? min(shard.options.indexBytes, indexBytes) : shard.options.indexBytes
        let excessBytes = indexBytes + bytes - limit
        if excessObjects <= 0, excessBytes <= 0 { return }
        var evictedBytes = 0
        evict(where: { _ in true }) { objects in
            objects >= excessObjects && evictedBytes >= excessBytes
        } weight: { entry in
            evictedBytes += entry.recordBytes
            return 1
        }
    }

    /// Deletes the records in `slots` in one transaction, forgets the objects and dooms their chunks.
    ///
    /// Returns whether that worked; if not, the objects are still there.
    @discardableResult
    func removeRecords(
        _ slots: [UInt32], recording counts: PurgeCounts = PurgeCounts(),
        counting count: (inout StoreStatistics, Int) -> Void
    ) -> Bool {
        do throws(StoreError) {
            let transaction = try WriteTransaction(environments.index)
            for slot in slots {
                guard let entry = entries[Int(slot)] else { continue }
                _ = try entry.keyHash.withBytes { (key) throws(StoreError) in
                    try transaction.delete(key, in: environments.objects)
                }
            }
            try counts.write(environments, in: transaction)
            try transaction.commit()
        } catch {
            report(error)
            for slot in slots where !order.contains(slot) {
                if let entry = entries[Int(slot)] { order.insert(slot, weight: entry.pages, in: .main) }
            }
            return false
        }
        for slot in slots {
            guard let entry = entries[Int(slot)] else { continue }
            shard.records.invalidate(entry.keyHash)
            forget(entry, in: slot)
        }
        shard.counters.update { count(&$0, slots.count) }
        return true
    }

    /// The record in `slot` is gone: free the slot, doom the chunks.
    func forget(_ entry: Entry, in slot: UInt32) {
        objectCount -= 1
        freeSlots.append(slot)
        doomChunks(of: entry)
        // Not so if it was never loaded.
        guard entries[Int(slot)]?.id == entry.id else { return }
        entries[Int(slot)] = nil
        order.remove(slot)
        loadedCount -= 1
        indexBytes -= entry.recordBytes
        bodyBytes -= entry.length
    }

    func doomChunks(of entry: Entry) {
        if entry.isInline { return }
        for index in 0..<SizeClass.chunkCount(ofLength: entry.length) {
            let sizeClass = SizeClass.of(chunk: index, length: entry.length)
            doomed[sizeClass.rawValue].append(ChunkKey(id: entry.id, index: UInt32(index)))
        }
    }
}
