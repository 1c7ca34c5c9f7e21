internal import Bytes

/// A walk over the whole index on behalf of purges.
struct Sweep {
    /// The newest purge when the walk began; it settles all up to there.
    let target: PurgeSequence
    /// Where to go on; `nil` at the beginning.
    var position: [UInt8]?
    /// Set once the walk is over: up to where in the file its deletions are on the disk.
    var flushedBytes: Int?
}

extension StoreWriter {
    private static let recordsPerSlice = 512
    private static let leastFlushedBytes = 1 << 20
    private static let mostFlushes = 256

    private struct Finding {
        let keyHash: Hash128
        let slot: UInt32
        let length: Int
        let cause: PurgeSequence
    }

    private struct Slice {
        var hidden: [Finding] = []
        var stale: [Finding] = []
        var last: [UInt8]?
        var count = 0
    }

    /// Reclaims what purges hide, a few hundred records at a time, so that fills never wait long.
    func sweepSlice() {
        if sweep == nil, let target = shard.purges.unsettled(in: shard.number) {
            sweep = Sweep(target: target, position: nil)
        }
        guard let current = sweep else { return }
        do throws(StoreError) {
            guard let flushed = current.flushedBytes else {
                let slice = try readSlice(from: current.position)
                try reclaim(slice)
                if slice.count == StoreWriter.recordsPerSlice, let last = slice.last {
                    // The key space right behind the last key seen.
                    sweep?.position = last + [0]
                } else {
                    sweep?.flushedBytes = 0
                }
                return
            }
            if let next = try flushPart(from: flushed) {
                sweep?.flushedBytes = next
                return
            }
            // Before anybody forgets the purge: a deletion that a power loss undid would otherwise bring the old bytes
            // back, with nobody left to hide them.
            try environments.index.sync()
            sweep = nil
            for status in shard.purges.complete(upTo: current.target, in: shard.number) {
                shard.options.onEvent(.purgeReclaimed(status))
            }
            dropSettledPurges()
            try PurgeCounts.forget(before: shard.purges.oldestKnown, environments)
        } catch {
            pauseBackground(error)
        }
    }

    /// Brings part of the index to the disk and returns where the next one begins; `nil` when what is left may go at once.
    ///
    /// A purge that comes meanwhile waits for one part before its own flush, not for all that was deleted and stored. The
    /// parts of a large file are large, so that a sweep of few records does not flush thousands of times.
    private func flushPart(from start: Int) throws(StoreError) -> Int? {
        let size = environments.index.pagesInFile * SizeClass.pageBytes
        let part = max(
            StoreWriter.leastFlushedBytes, size / StoreWriter.mostFlushes / SizeClass.pageBytes * SizeClass.pageBytes)
        guard start + part < size else { return nil }
        try environments.index.sync(start..<start + part)
        return start + part
    }

    /// Shortens the purge table.
    func dropSettledPurges() {
        guard shard.purges.hasDroppableEntries else { return }
        do throws(StoreError) {
            try shard.purges.dropSettled()
        } catch {
            report(error)
        }
    }

    private func readSlice(from position: [UInt8]?) throws(StoreError) -> Slice {
        let table = shard.purges.snapshot().table
        var slice = Slice()
        try ReadTransaction(environments.index).withSnapshot { (snapshot) throws(StoreError) in
            try snapshot.forEach(in: environments.objects, from: position) { key, bytes in
                slice.count += 1
                if slice.count == StoreWriter.recordsPerSlice { slice.last = [UInt8](key) }
                guard key.count == 16, let record = IndexRecord(bytes), record.fence < table.newest else {
                    return slice.last == nil
                }
                let marks = table.marks(
                    urlHash: record.urlHash, key: record.key.bytes(in: bytes), tags: record.tags.bytes(in: bytes))
                func finding(_ cause: PurgeSequence) -> Finding {
                    Finding(
                        keyHash: Hash128(high: key.load(8), low: key.load(0)), slot: record.slot,
                        length: Int(record.length), cause: cause)
                }
                if record.fence < marks.hard {
                    slice.hidden.append(finding(marks.hard))
                } else if record.fence < marks.soft, !record.flags.contains(.softPurged) {
                    slice.stale.append(finding(marks.soft))
                }
                return slice.last == nil
            }
        }
        return slice
    }

    private func reclaim(_ slice: Slice) throws(StoreError) {
        if !slice.hidden.isEmpty {
            let slots = slice.hidden.map(\.slot)
            guard removeRecords(slots, recording: counts(of: slice.hidden), counting: { $0.purged += $1 }) else {
                throw StoreError(.full, "could not delete purged records; trying again")
            }
        }
        if !slice.stale.isEmpty { try markStale(slice.stale) }
        for finding in slice.hidden + slice.stale {
            shard.purges.count(finding.cause, objects: 1, bytes: finding.length)
        }
    }

    private func counts(of findings: [Finding]) -> PurgeCounts {
        findings.reduce(into: PurgeCounts()) { $0.add($1.cause, objects: 1, bytes: $1.length) }
    }

    private func markStale(_ findings: [Finding]) throws(StoreError) {
        let transaction = try WriteTransaction(environments.index)
        for finding in findings {
            try finding.keyHash.withBytes { (key) throws(StoreError) in
                guard let value = try transaction.value(of: key, in: environments.objects) else { return }
                var bytes = [UInt8](value)
                IndexRecord.markStale(&bytes)
                try transaction.put(key, in: environments.objects, count: bytes.count) { $0.copyBytes(from: bytes) }
            }
        }
        try counts(of: findings).write(environments, in: transaction)
        try transaction.commit()
        for finding in findings { shard.records.invalidate(finding.keyHash) }
    }
}
