internal import Bytes

extension StoreWriter {
    /// What one index transaction will have changed, applied to memory only once it is committed.
    struct IndexChanges {
        var added: [(slot: UInt32, entry: Entry, place: EvictionOrder.Place)] = []
        var removed: [(slot: UInt32, entry: Entry)] = []
        var resized: [(slot: UInt32, recordBytes: Int)] = []
        /// Slots taken for records that were not written after all.
        var unusedSlots: [UInt32] = []
        /// Objects replaced by the transaction that stored them: they were never visible.
        var superseded: [Entry] = []
        /// Ceilings that were raised.
        var settings: ShardSettings?
        var replies: [(outcome: StoreOutcome, completion: @Sendable (StoreOutcome) -> Void)] = []
    }

    /// Applies index changes in order, in one transaction.
    ///
    /// If that fails, every object in it is dropped.
    func settle(_ records: [PendingRecord]) {
        if records.isEmpty { return }
        makeIndexRoom(for: records)
        var storable: [PendingRecord] = []
        var ended: [PurgeSequence] = []
        for record in records {
            switch record {
            case .abort(let fill):
                ended.append(fill.fence)
                drop(fill)
            case .finish(let fill, let finish):
                ended.append(fill.fence)
                if let outcome = obstacle(to: fill, finish) {
                    drop(fill)
                    finish.completion(outcome)
                } else {
                    storable.append(record)
                }
            case .refresh(let refresh):
                ended.append(refresh.fence)
                storable.append(record)
            case .remove:
                storable.append(record)
            }
        }
        if !storable.isEmpty { commit(storable) }
        for fence in ended { shard.purges.endFill(fence) }
    }

    private func commit(_ records: [PendingRecord]) {
        var changes = IndexChanges()
        do throws(StoreError) {
            let transaction = try WriteTransaction(environments.index)
            for record in records {
                switch record {
                case .finish(let fill, let finish):
                    try put(fill, finish, in: transaction, &changes)
                case .refresh(let refresh): try put(refresh, in: transaction, &changes)
                case .remove(let removal): try remove(removal, in: transaction, &changes)
                case .abort: break
                }
            }
            try raiseCeilings(for: records, in: transaction, &changes)
            try transaction.commit()
            for record in records { shard.records.invalidate(record.keyHash) }
            apply(changes)
        } catch {
            report(error)
            freeSlots += changes.unusedSlots + changes.added.map(\.slot)
            for record in records {
                switch record {
                case .finish(let fill, let finish):
                    drop(fill)
                    finish.completion(.failed(error))
                case .refresh(let refresh): refresh.completion(.failed(error))
                case .remove, .abort: break
                }
            }
        }
    }

    /// Records the slots and the fence that this transaction uses for the first time.
    private func raiseCeilings(
        for records: [PendingRecord], in transaction: borrowing WriteTransaction, _ changes: inout IndexChanges
    ) throws(StoreError) {
        var raised = settings
        if entries.count > Int(raised.slots) { raised.slots = UInt64(entries.count + 4_096) }
        for record in records {
            switch record {
            case .finish(let fill, _): raised.fence = max(raised.fence, fill.fence.rawValue)
            case .refresh(let refresh): raised.fence = max(raised.fence, refresh.fence.rawValue)
            case .remove, .abort: break
            }
        }
        if raised == settings { return }
        try raised.write(environments, in: transaction)
        changes.settings = raised
    }

    private func apply(_ changes: IndexChanges) {
        if let recorded = changes.settings { settings = recorded }
        for (slot, entry) in changes.removed { forget(entry, in: slot) }
        for (slot, entry, place) in changes.added {
            _ = shard.visited.clear(slot)
            remember(entry, in: slot, place: place)
            objectCount += 1
            if place == .probation { shard.counters.update { $0.onProbation += 1 } }
        }
        for (slot, recordBytes) in changes.resized {
            guard let entry = entries[Int(slot)] else { continue }
            indexBytes += recordBytes - entry.recordBytes
            entries[Int(slot)]?.recordBytes = recordBytes
        }
        freeSlots += changes.unusedSlots
        for entry in changes.superseded { doomChunks(of: entry) }
        for (outcome, completion) in changes.replies {
            if case .stored = outcome { shard.counters.update { $0.stored += 1 } }
            completion(outcome)
        }
    }

    /// Why a finished fill cannot be stored, if so.
    private func obstacle(to fill: Fill, _ finish: Finish) -> StoreOutcome? {
        if let outcome = fill.outcome { return outcome }
        if fill.id < firstNew { return .failed(StoreWriter.filesLost) }
        let expected = finish.isInline ? 0 : SizeClass.chunkCount(ofLength: finish.length)
        if fill.storedChunks.count != expected {
            return .failed(StoreError(.system, "\(fill.storedChunks.count) of \(expected) chunks were stored"))
        }
        return nil
    }

    private func put(
        _ fill: Fill, _ finish: Finish, in transaction: borrowing WriteTransaction, _ changes: inout IndexChanges
    ) throws(StoreError) {
        var metadata = finish.metadata
        let verdict = purgeVerdict(fence: fill.fence, key: fill.key, tags: metadata.tags)
        if verdict == .hidden {
            drop(fill)
            changes.replies.append((.purged, finish.completion))
            return
        }
        metadata.flags.formIntersection(.callers)
        if verdict == .stale { metadata.flags.formUnion(.softPurged) }
        var body = finish.inlineBody
        if !finish.isInline {
            for checksum in fill.checksums { body.append(littleEndian: checksum) }
        }
        let slot = takeSlot()
        changes.unusedSlots.append(slot)
        let contents = IndexRecord.Contents(
            kind: finish.isInline ? .inline : .chunks, id: fill.id, fence: fill.fence, length: finish.length,
            slot: slot,
            key: fill.key, metadata: metadata, body: body)
        let bytes = contents.encoded(shard.hasher)
        try replace(fill.keyHash, with: bytes, in: transaction, &changes)
        let entry = Entry(
            id: fill.id, keyHash: fill.keyHash, length: finish.length, recordBytes: bytes.count,
            isInline: finish.isInline)
        // Not the last one if the record took the place of another one of this transaction, whose slot is free now.
        changes.unusedSlots.removeAll { $0 == slot }
        // Asked for before, or by somebody else while it was being filled.
        let place: EvictionOrder.Place = shard.requests.estimate(fill.keyHash) > 1 ? .main : .probation
        changes.added.append((slot, entry, place))
        changes.replies.append((.stored(fill.id), finish.completion))
    }

    private func put(
        _ refresh: Refresh, in transaction: borrowing WriteTransaction, _ changes: inout IndexChanges
    ) throws(StoreError) {
        let found = try refresh.keyHash.withBytes { (key) throws(StoreError) -> (IndexRecord.Contents, PurgeVerdict)? in
            guard let bytes = try transaction.value(of: key, in: environments.objects),
                let record = IndexRecord(bytes), record.id == refresh.id
            else { return nil }
            let contents = IndexRecord.Contents(
                kind: record.kind, id: record.id, fence: refresh.fence, length: Int(record.length), slot: record.slot,
                key: [UInt8](record.key.bytes(in: bytes)), metadata: refresh.metadata,
                body: [UInt8](record.body.bytes(in: bytes)))
            let verdict = shard.purges.verdictForReading(
                fence: record.fence, urlHash: record.urlHash, key: record.key.bytes(in: bytes),
                tags: record.tags.bytes(in: bytes))
            return (contents, verdict)
        }
        guard let (found, oldVerdict) = found else {
            changes.replies.append((.gone, refresh.completion))
            return
        }
        var contents = found
        let verdict = purgeVerdict(fence: refresh.fence, key: contents.key, tags: refresh.metadata.tags)
        // A body that is hidden already must not come back because the origin still knows its entity tag.
        if verdict == .hidden || oldVerdict == .hidden {
            changes.replies.append((.purged, refresh.completion))
            return
        }
        contents.metadata.flags.formIntersection(.callers)
        if verdict == .stale { contents.metadata.flags.formUnion(.softPurged) }
        let bytes = contents.encoded(shard.hasher)
        try refresh.keyHash.withBytes { (key) throws(StoreError) in
            try transaction.put(key, in: environments.objects, count: bytes.count) { $0.copyBytes(from: bytes) }
        }
        changes.resized.append((contents.slot, bytes.count))
        changes.replies.append((.stored(refresh.id), refresh.completion))
    }

    private func remove(
        _ removal: Removal, in transaction: borrowing WriteTransaction, _ changes: inout IndexChanges
    ) throws(StoreError) {
        try removal.keyHash.withBytes { (key) throws(StoreError) in
            guard let old = try stored(removal.keyHash, key, in: transaction), old.entry.id == removal.id else {
                return
            }
            try transaction.delete(key, in: environments.objects)
            changes.removed.append(old)
        }
    }

    private func replace(
        _ hash: Hash128, with bytes: [UInt8], in transaction: borrowing WriteTransaction, _ changes: inout IndexChanges
    ) throws(StoreError) {
        try hash.withBytes { (key) throws(StoreError) in
            if let old = try stored(hash, key, in: transaction) {
                if let index = changes.added.firstIndex(where: { $0.slot == old.slot }) {
                    let superseded = changes.added.remove(at: index)
                    changes.unusedSlots.append(superseded.slot)
                    changes.superseded.append(superseded.entry)
                } else {
                    changes.removed.append(old)
                }
            }
            try transaction.put(key, in: environments.objects, count: bytes.count) { $0.copyBytes(from: bytes) }
        }
    }

    /// What the index holds under `key`, whether or not it is loaded.
    private func stored(
        _ hash: Hash128, _ key: UnsafeRawBufferPointer, in transaction: borrowing WriteTransaction
    ) throws(StoreError) -> (slot: UInt32, entry: Entry)? {
        guard let bytes = try transaction.value(of: key, in: environments.objects), let record = IndexRecord(bytes)
        else { return nil }
        return (record.slot, Entry(record, keyHash: hash, bytes: bytes))
    }

    private func takeSlot() -> UInt32 {
        if let slot = freeSlots.popLast() { return slot }
        entries.append(nil)
        return UInt32(entries.count - 1)
    }

    /// Whether the purge table allows an object; see `PurgeLedger.verdictForStoring`.
    private func purgeVerdict(fence: PurgeSequence, key: [UInt8], tags: [[UInt8]]) -> PurgeVerdict {
        let list = TagList.encode(tags, shard.hasher)
        let urlHash = shard.hasher.hash(CacheKey.url(of: key))
        return key.withUnsafeBytes { key in
            list.withUnsafeBytes { tags in
                shard.purges.verdictForStoring(fence: fence, urlHash: urlHash, key: key, tags: tags)
            }
        }
    }

    private func drop(_ fill: Fill) {
        doomChunks(of: fill)
        shard.counters.update { $0.dropped += 1 }
    }
}
