internal import Bytes

extension SegmentStore {
    /// Records looked at in one call, whether or not they match.
    private static let recordsPerPage = 20_000
    /// Bytes compared in one call, about.
    private static let verifiedBytesPerPage = 64 << 20

    /// Objects whose key begins with `prefix`, at most `limit` of them; purged ones are left out.
    ///
    /// A page may be empty although more follow. Takes a reader slot for the call; not for a loop thread.
    public func list(
        prefix: [UInt8] = [], after cursor: StoreCursor = .start, limit: Int
    ) throws(StoreError) -> StoreListing {
        var listing = StoreListing()
        let table = purges.snapshot().table
        listing.next = try walk(after: cursor) { _, _, record, bytes in
            let key = record.key.bytes(in: bytes)
            guard key.starts(withBytes: prefix) else { return true }
            let tags = record.tags.bytes(in: bytes)
            let verdict = table.verdict(fence: record.fence, urlHash: record.urlHash, key: key, tags: tags)
            if verdict == .hidden { return true }
            listing.objects.append(
                StoredObjectSummary(
                    key: [UInt8](key), length: Int(record.length), status: Int(record.status),
                    storedAt: record.storedAt, freshUntil: record.freshUntil,
                    softPurged: verdict == .stale || record.flags.contains(.softPurged), tags: TagList.decode(tags)))
            return listing.objects.count < limit
        }
        return listing
    }

    /// Compares objects with their checksums, some at a time; what does not match is dropped.
    ///
    /// Reads the disk; not for a loop thread.
    public func verify(after cursor: StoreCursor = .start) throws(StoreError) -> StoreVerification {
        var result = StoreVerification()
        var waiting: [Suspect] = []
        result.next = try walk(after: cursor) { shard, hash, record, bytes in
            let isIntact = IndexRecord.isIntact(bytes)
            let isChunked = record.kind == .chunks
            waiting.append(
                Suspect(
                    shard: shard, hash: hash, id: record.id, length: Int(record.length),
                    key: [UInt8](record.key.bytes(in: bytes)), isIntact: isIntact,
                    checksums: isChunked
                        ? (0..<SizeClass.chunkCount(ofLength: Int(record.length)))
                            .map { record.chunkChecksum($0, in: bytes) } : []))
            result.bytes += Int(record.length)
            return result.bytes < SegmentStore.verifiedBytesPerPage
        }
        result.objects = waiting.count
        var readers: [Int: ShardReader] = [:]
        for suspect in waiting {
            let reader: ShardReader
            if let known = readers[suspect.shard] {
                reader = known
            } else {
                reader = try ShardReader(shards[suspect.shard])
                readers[suspect.shard] = reader
            }
            if suspect.isIntact, suspect.isWhole(reader) { continue }
            // Not damaged, if it was only evicted or replaced meanwhile.
            guard reader.isCurrent(suspect.id, suspect.hash) else { continue }
            result.damaged.append(suspect.key)
            reader.countChecksumFailure()
            options.onEvent(.checksumFailure(suspect.id))
            shards[suspect.shard].queue.enqueue(.remove(Removal(id: suspect.id, keyHash: suspect.hash)))
        }
        return result
    }

    /// Visits records from `cursor` on until `body` returns false; returns where to go on.
    private func walk(
        after cursor: StoreCursor,
        _ body: (Int, Hash128, IndexRecord, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) -> StoreCursor? {
        var seen = 0
        var start = cursor.key
        for number in cursor.shard..<max(cursor.shard, shards.count) {
            var stop: StoreCursor?
            if let environments = shards[number].environments {
                // Keys are sixteen bytes, so the one behind has one more.
                let position = start.isEmpty ? nil : start + [0]
                try ReadTransaction(environments.index).withSnapshot { (snapshot) throws(StoreError) in
                    try snapshot.forEach(in: environments.objects, from: position) { key, bytes in
                        seen += 1
                        var goesOn = seen < SegmentStore.recordsPerPage
                        if key.count == 16, let record = IndexRecord(bytes) {
                            let hash = Hash128(high: key.load(8), low: key.load(0))
                            if !body(number, hash, record, bytes) { goesOn = false }
                        }
                        if !goesOn { stop = StoreCursor(shard: number, key: [UInt8](key)) }
                        return goesOn
                    }
                }
            }
            if let stop { return stop }
            start = []
        }
        return nil
    }
}

/// An object to be compared with its checksums.
private struct Suspect {
    let shard: Int
    let hash: Hash128
    let id: ObjectID
    let length: Int
    let key: [UInt8]
    /// Whether the record, an inline body included, matches its own checksum.
    let isIntact: Bool
    let checksums: [UInt32]

    /// Whether every chunk is there and right.
    func isWhole(_ reader: ShardReader) -> Bool {
        for (index, checksum) in checksums.enumerated() {
            let sizeClass = SizeClass.of(chunk: index, length: length)
            let count = SizeClass.byteCount(ofChunk: index, length: length)
            let found = reader.withValue(ChunkKey(id: id, index: UInt32(index)), sizeClass) { value -> UInt32? in
                guard value.count == sizeClass.valueBytes else { return nil }
                return CRC32C.checksum(UnsafeRawBufferPointer(rebasing: value[..<count]))
            }
            if found != checksum { return false }
        }
        return true
    }
}
