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
        scratch = .allocate(byteCount: 16_384, alignment: 16)
        for shard in store.shards { shards.append(try ShardReader(shard)) }
    }

    deinit { scratch.deallocate() }

    /// The object stored under `key`, fresh or stale, unless a purge hides it.
    ///
    /// Allocates nothing once the scratch buffer has grown to the largest head seen. An inline body comes along, so that a
    /// hit of a small object asks LMDB once.
    public func lookup(key: UnsafeRawBufferPointer) -> StoredObject? {
        refreshPurges()
        lookupNumber &+= 1
        let hash = store.hash(key)
        let shard = shards[hash.shard(of: shards.count)]
        let found: StoredObject? = shard.withRecord(hash) { record, bytes in
            guard record.key.bytes(in: bytes).hasSameBytes(as: key) else { return nil }
            var verdict = PurgeVerdict.untouched
            if record.fence < purges.newest {
                verdict = purges.verdict(
                    fence: record.fence, urlHash: record.urlHash, key: key, tags: record.tags.bytes(in: bytes))
            }
            if verdict == .hidden { return nil }
            keep(
                bytes, from: Int(record.head.offset),
                to: record.kind == .inline ? record.body.end : Int(record.body.offset))
            return StoredObject(record, keyHash: hash, verdict: verdict, lookupNumber: lookupNumber)
        }
        if let found { shard.visited.mark(found.slot) }
        return found
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
        lendChunk(of: object, index: index) { result = body($0) }
        return result
    }

    /// The part of `withChunk` that is not generic, so that other modules call it as it was compiled here.
    @usableFromInline
    func lendChunk(of object: StoredObject, index: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard index >= 0, index < object.chunkCount else { return }
        if object.isInline, object.lookupNumber == lookupNumber { return body(slice(object.body, of: object)) }
        let shard = shards[object.id.shard(of: shards.count)]
        if object.isInline {
            _ = shard.withRecord(object.keyHash) { record, bytes -> Void? in
                guard record.id == object.id, record.kind == .inline else { return nil }
                shard.visited.mark(object.slot)
                return body(record.body.bytes(in: bytes))
            }
            return
        }
        let sizeClass = SizeClass.of(chunk: index, length: object.length)
        let count = SizeClass.byteCount(ofChunk: index, length: object.length)
        var isDamaged = false
        let chunk = ChunkKey(id: object.id, index: UInt32(index))
        let result: Void? = shard.withValue(chunk, sizeClass) { value -> Void? in
            guard value.count == sizeClass.valueBytes else { return nil }
            let bytes = UnsafeRawBufferPointer(rebasing: value[..<count])
            guard shard.isIntact(bytes, object: object, chunk: index) else {
                isDamaged = true
                return nil
            }
            shard.visited.mark(object.slot)
            return body(bytes)
        }
        if isDamaged {
            shard.countChecksumFailure()
            store.options.onEvent(.checksumFailure(object.id))
            store.remove(object)
        } else if result == nil, shard.isCurrent(object) {
            // Records go before their chunks, so a record without chunk is damage, not eviction.
            store.remove(object)
        }
    }

    /// Asks the kernel to have piece `index` in memory soon, in one read instead of one per page.
    ///
    /// Worth a system call before a chunk of an object that may be cold, for instance the next one of a large body; does
    /// not wait.
    public func willNeedChunk(of object: StoredObject, index: Int) {
        guard index >= 0, index < object.chunkCount, !object.isInline else { return }
        let sizeClass = SizeClass.of(chunk: index, length: object.length)
        _ = shards[object.id.shard(of: shards.count)].withValue(
            ChunkKey(id: object.id, index: UInt32(index)), sizeClass
        ) { value -> Void? in
            guard let base = value.baseAddress else { return nil }
            // A value begins one page header into its first page.
            let start = UnsafeMutableRawPointer(mutating: base) - SizeClass.pageHeaderBytes
            madvise(start, value.count + SizeClass.pageHeaderBytes, MADV_WILLNEED)
            return ()
        }
    }

    /// Runs `body` on a chunk of a body that is still being stored, one of the first `committedChunks` of its writer; or
    /// on any chunk once the writer's completion has said `.stored`.
    ///
    /// - Parameter byteCount: the chunk's size; less than a whole chunk for the last one of a body.
    /// - Returns: `nil` if it is not there (any more).
    public func withCommittedChunk<R>(
        of id: ObjectID, index: Int, byteCount: Int = StoredObject.chunkBytes, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R? {
        let sizeClass = SizeClass(fitting: byteCount)
        return shards[id.shard(of: shards.count)].withValue(ChunkKey(id: id, index: UInt32(index)), sizeClass) {
            value in
            guard value.count == sizeClass.valueBytes else { return nil }
            return body(UnsafeRawBufferPointer(rebasing: value[..<byteCount]))
        }
    }

    /// The stored head block, valid until the next look-up.
    public func head(of object: StoredObject) -> UnsafeRawBufferPointer { slice(object.head, of: object) }

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

    /// One acquiring load and one compare unless something was purged.
    private func refreshPurges() {
        if store.purges.version.load(ordering: .acquiring) != purgeVersion {
            (purges, purgeVersion) = store.purges.snapshot()
            for shard in shards { shard.refresh() }
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        if scratch.count < end - start {
            scratch.deallocate()
            scratch = .allocate(byteCount: 2 * (end - start), alignment: 16)
        }
        scratch.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }

    private func slice(_ slice: ByteSlice, of object: StoredObject) -> UnsafeRawBufferPointer {
        precondition(object.lookupNumber == lookupNumber, "an object's slices end with the reader's next look-up")
        return slice.bytes(in: UnsafeRawBufferPointer(scratch))
    }
}

extension StoredObject {
    /// The variable parts move to the start of the scratch buffer, where the head comes first.
    init(_ record: IndexRecord, keyHash: Hash128, verdict: PurgeVerdict, lookupNumber: UInt64) {
        func moved(_ slice: ByteSlice) -> ByteSlice {
            ByteSlice(offset: slice.offset - record.head.offset, count: slice.count)
        }
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
        head = moved(record.head)
        etag = moved(record.etag)
        tags = moved(record.tags)
        annotation = moved(record.annotation)
        body = isInline ? moved(record.body) : .empty
        self.lookupNumber = lookupNumber
    }
}
