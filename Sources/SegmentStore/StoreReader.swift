internal import Bytes
internal import Glibc
internal import Synchronization

/// Looks objects up and hands out their bytes straight from the map.
///
/// One per loop, used by one thread at a time; no snapshot outlives a call, so a slow client pins nothing.
public final class StoreReader {
    private let store: SegmentStore
    private var shards: [ShardReader] = []
    private var purges: PurgeTable
    private var purgeVersion: UInt64
    private var scratch: UnsafeMutableRawBufferPointer
    /// Begins anywhere, so that an object that another reader found never passes for this one's last.
    private var lookupNumber = UInt64.random(in: 0 ... .max)

    init(store: SegmentStore) throws(StoreError) {
        self.store = store
        (purges, purgeVersion) = store.purges.snapshot()
        scratch = .allocate(byteCount: RecordCache.maxRecordBytes + 8, alignment: 16)
        for shard in store.shards { shards.append(try ShardReader(shard)) }
    }

    deinit { scratch.deallocate() }

    /// The object stored under `key`, fresh or stale, unless a purge hides it.
    ///
    /// Allocates nothing once the scratch buffer has grown to the largest record seen. An inline body comes along, so that a
    /// hit of a small object needs nothing more.
    public func lookup(key: UnsafeRawBufferPointer) -> StoredObject? {
        refreshPurges()
        lookupNumber &+= 1
        let hash = store.hash(key)
        let shard = shards[hash.shard(of: shards.count)]
        if let count = shard.records.copy(hash, to: scratch),
            let record = IndexRecord(UnsafeRawBufferPointer(rebasing: scratch[..<count])), holds(record, key)
        {
            guard let object = object(record, hash) else { return nil }
            shard.visited.mark(record.slot)
            return object
        }
        let ticket = shard.records.ticket(for: hash)
        guard let record = shard.withRecord(hash, { keep($0, $1) }), holds(record, key),
            let object = object(record, hash)
        else { return nil }
        // What is asked for once is left where it is.
        if shard.visited.mark(record.slot), let ticket {
            shard.remember(UnsafeRawBufferPointer(rebasing: scratch[..<record.byteCount]), of: hash, ticket)
        }
        return object
    }

    private func holds(_ record: IndexRecord, _ key: UnsafeRawBufferPointer) -> Bool {
        record.key.bytes(in: UnsafeRawBufferPointer(scratch)).hasSameBytes(as: key)
    }

    /// What a record in the scratch buffer says, unless a purge hides it.
    private func object(_ record: IndexRecord, _ hash: Hash128) -> StoredObject? {
        var verdict = PurgeVerdict.untouched
        if record.fence < purges.newest {
            let bytes = UnsafeRawBufferPointer(scratch)
            verdict = purges.verdict(
                fence: record.fence, urlHash: record.urlHash, key: record.key.bytes(in: bytes),
                tags: record.tags.bytes(in: bytes))
        }
        if verdict == .hidden { return nil }
        return StoredObject(record, keyHash: hash, verdict: verdict, lookupNumber: lookupNumber)
    }

    /// The object stored under `key`.
    public func lookup(key: [UInt8]) -> StoredObject? {
        key.withUnsafeBytes { lookup(key: $0) }
    }

    /// Runs `body` on piece `index` of an object, in the map, or in the scratch buffer if that still holds an inline body;
    /// the pointer is valid until it returns.
    ///
    /// Keep `body` to a `send` or a copy: while it runs, nothing evicted since it began can be reused and the files grow.
    /// `nil` means the object was evicted, purged and reclaimed, replaced or found damaged since the look-up. Runs on
    /// this thread; the page may come from the disk.
    @inlinable
    public func withChunk<R>(of object: StoredObject, index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        var result: R?
        _ = lendChunk(of: object, index: index, mayWait: true) { result = body($0) }
        return result
    }

    /// As `withChunk`, but a chunk that would have to come from the disk is answered with `.cold`.
    ///
    /// What was in memory is not looked at again for some seconds, so a hit of what is asked for often makes no system call
    /// for it. Inline bodies came with their look-up and are never cold.
    @inlinable
    public func withResidentChunk<R>(
        of object: StoredObject, index: Int, _ body: (UnsafeRawBufferPointer) -> R
    ) -> ChunkLoan<R> {
        var result: R?
        let cold = lendChunk(of: object, index: index, mayWait: false) { result = body($0) }
        if let cold { return .cold(cold) }
        return result.map { .lent($0) } ?? .gone
    }

    /// The part of both that is not generic, so that other modules call it as it was compiled here.
    @usableFromInline
    func lendChunk(
        of object: StoredObject, index: Int, mayWait: Bool, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> ColdChunk? {
        guard index >= 0, index < object.chunkCount else { return nil }
        if object.isInline, object.lookupNumber == lookupNumber {
            body(slice(object.body, of: object))
            return nil
        }
        let shard = shards[object.id.shard(of: shards.count)]
        if object.isInline {
            _ = shard.withRecord(object.keyHash) { record, bytes -> Void? in
                guard record.id == object.id, record.kind == .inline else { return nil }
                shard.visited.mark(object.slot)
                return body(record.body.bytes(in: bytes))
            }
            return nil
        }
        let sizeClass = SizeClass.of(chunk: index, length: object.length)
        let count = SizeClass.byteCount(ofChunk: index, length: object.length)
        var isDamaged = false
        var cold: ColdChunk?
        let chunk = ChunkKey(id: object.id, index: UInt32(index))
        let result: Void? = shard.withValue(chunk, sizeClass) { value -> Void? in
            guard value.count == sizeClass.valueBytes else { return nil }
            if !mayWait { cold = shard.coldness(of: value, sizeClass) }
            if cold != nil { return nil }
            let bytes = UnsafeRawBufferPointer(rebasing: value[..<count])
            guard shard.isIntact(bytes, object: object, chunk: index) else {
                isDamaged = true
                return nil
            }
            shard.visited.mark(object.slot)
            return body(bytes)
        }
        if let cold { return cold }
        if isDamaged {
            shard.countChecksumFailure()
            store.options.onEvent(.checksumFailure(object.id))
            store.remove(object)
        } else if result == nil, shard.isCurrent(object) {
            // Records go before their chunks, so a record without chunk is damage, not eviction.
            store.remove(object)
        }
        return nil
    }

    /// Runs `body` on a chunk of a body that is still being stored, one of the first `committedChunks` of its writer; or
    /// on any chunk once the writer's completion has said `.stored`.
    ///
    /// - Parameter byteCount: the chunk's size; less than a whole chunk for the last one of a body.
    /// - Returns: `nil` if it is not there (any more).
    public func withCommittedChunk<R>(
        of id: ObjectID, index: Int, byteCount: Int = StoredObject.chunkBytes, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R? {
        let loan = lendCommittedChunk(of: id, index: index, byteCount: byteCount, mayWait: true, body)
        if case .lent(let result) = loan { return result }
        return nil
    }

    /// As `withCommittedChunk`, but a chunk that has left memory meanwhile is answered with `.cold`.
    public func withResidentCommittedChunk<R>(
        of id: ObjectID, index: Int, byteCount: Int, _ body: (UnsafeRawBufferPointer) -> R
    ) -> ChunkLoan<R> {
        lendCommittedChunk(of: id, index: index, byteCount: byteCount, mayWait: false, body)
    }

    private func lendCommittedChunk<R>(
        of id: ObjectID, index: Int, byteCount: Int, mayWait: Bool, _ body: (UnsafeRawBufferPointer) -> R
    ) -> ChunkLoan<R> {
        let sizeClass = SizeClass(fitting: byteCount)
        let shard = shards[id.shard(of: shards.count)]
        let loan = shard.withValue(ChunkKey(id: id, index: UInt32(index)), sizeClass) { value -> ChunkLoan<R>? in
            guard value.count == sizeClass.valueBytes else { return nil }
            if !mayWait, let cold = shard.coldness(of: value, sizeClass) { return .cold(cold) }
            return .lent(body(UnsafeRawBufferPointer(rebasing: value[..<byteCount])))
        }
        return loan ?? .gone
    }

    /// The stored head block, valid until the next look-up.
    public func head(of object: StoredObject) -> UnsafeRawBufferPointer { slice(object.head, of: object) }

    /// The key it is stored under, valid until the next look-up.
    public func storedKey(of object: StoredObject) -> UnsafeRawBufferPointer { slice(object.key, of: object) }

    /// The entity tag, valid until the next look-up.
    public func etag(of object: StoredObject) -> UnsafeRawBufferPointer { slice(object.etag, of: object) }

    /// The caller's own bytes, valid until the next look-up.
    public func annotation(of object: StoredObject) -> UnsafeRawBufferPointer { slice(object.annotation, of: object) }

    /// The surrogate keys, copied; before the next look-up.
    public func tags(of object: StoredObject) -> [[UInt8]] { TagList.decode(slice(object.tags, of: object)) }

    /// Whether purges since `fence` cover an object with these names: a new request must not join a fill that is no
    /// longer `.untouched`.
    public func verdict(fence: PurgeSequence, key: [UInt8], tags: [[UInt8]]) -> PurgeVerdict {
        refreshPurges()
        if fence >= purges.newest { return .untouched }
        let list = store.encodedTags(tags)
        return key.withUnsafeBytes { key in
            list.withUnsafeBytes { tags in
                purges.verdict(
                    fence: fence, urlHash: store.hash(CacheKey.url(of: [UInt8](key))), key: key, tags: tags)
            }
        }
    }

    /// Which purges the last look-up obeyed; see `hasPurged(since:)`.
    public var purgeMark: UInt64 { purgeVersion }

    /// Whether anything was purged, whatever it was, since a look-up that left `mark`.
    public func hasPurged(since mark: UInt64) -> Bool {
        refreshPurges()
        return purgeVersion != mark
    }

    /// One acquiring load and one compare unless something was purged.
    private func refreshPurges() {
        if store.purges.version.load(ordering: .acquiring) != purgeVersion {
            (purges, purgeVersion) = store.purges.snapshot()
            for shard in shards { shard.refresh() }
        }
    }

    /// Copies a record out of the map.
    private func keep(_ record: IndexRecord, _ bytes: UnsafeRawBufferPointer) -> IndexRecord {
        if scratch.count < bytes.count {
            scratch.deallocate()
            scratch = .allocate(byteCount: 2 * bytes.count, alignment: 16)
        }
        scratch.copyMemory(from: bytes)
        return record
    }

    private func slice(_ slice: ByteSlice, of object: StoredObject) -> UnsafeRawBufferPointer {
        precondition(object.lookupNumber == lookupNumber, "an object's slices end with the reader's next look-up")
        return slice.bytes(in: UnsafeRawBufferPointer(scratch))
    }
}

extension StoredObject {
    /// The slices are those of the record, which lies at the start of the scratch buffer.
    init(_ record: IndexRecord, keyHash: Hash128, verdict: PurgeVerdict, lookupNumber: UInt64) {
        id = record.id
        length = Int(record.length)
        status = Int(record.status)
        flags = record.flags.intersection(.callers)
        fence = record.fence
        storedAt = record.storedAt
        freshUntil = record.freshUntil
        staleIfErrorUntil = record.staleIfErrorUntil
        staleWhileRevalidateUntil = record.staleWhileRevalidateUntil
        softPurged = verdict == .stale || record.flags.contains(.softPurged)
        self.keyHash = keyHash
        slot = record.slot
        isInline = record.kind == .inline
        key = record.key
        head = record.head
        etag = record.etag
        tags = record.tags
        annotation = record.annotation
        body = isInline ? record.body : .empty
        self.lookupNumber = lookupNumber
    }
}
