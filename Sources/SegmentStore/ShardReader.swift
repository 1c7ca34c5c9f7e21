internal import Bytes
internal import Synchronization

/// One reader's parked snapshots of one shard.
final class ShardReader {
    private let shard: StoreShard
    private var snapshots: Snapshots?

    /// All of a shard's environments, or none.
    private final class Snapshots {
        let environments: StoreEnvironments
        let index: ReadTransaction
        let chunks: [ChunkReader]

        init(_ environments: StoreEnvironments) throws(StoreError) {
            self.environments = environments
            index = try ReadTransaction(environments.index)
            var chunks: [ChunkReader] = []
            for environment in environments.chunks { chunks.append(try ChunkReader(environment)) }
            self.chunks = chunks
        }
    }

    private final class ChunkReader {
        let transaction: ReadTransaction
        let environment: LMDBEnvironment
        let database: LMDBDatabase
        /// Where the map begins; `nil` until something was found in it.
        var mapStart: UnsafeRawPointer?

        init(_ chunks: StoreEnvironments.Chunks) throws(StoreError) {
            environment = chunks.environment
            transaction = try ReadTransaction(chunks.environment)
            database = chunks.database
        }
    }

    init(_ shard: StoreShard) throws(StoreError) {
        self.shard = shard
        if let environments = shard.environments { snapshots = try Snapshots(environments) }
    }

    var visited: VisitedTable { shard.visited }

    var records: RecordCache { shard.records }

    /// Keeps a record for the next look-up; see `RecordCache.insert`.
    func remember(_ record: UnsafeRawBufferPointer, of hash: Hash128, _ ticket: RecordCache.Ticket) {
        if shard.records.insert(record, of: hash, ticket) { shard.queue.nudge() }
    }

    /// Lets go of files that are to be closed, and takes up those that were opened again.
    func refresh() {
        let current = shard.environments
        if snapshots?.environments === current { return }
        snapshots = nil
        if let current { snapshots = try? Snapshots(current) }
    }

    func withRecord<R>(_ hash: Hash128, _ body: (IndexRecord, UnsafeRawBufferPointer) -> R?) -> R? {
        guard let snapshots else { return nil }
        return try? snapshots.index.withSnapshot { (snapshot) throws(StoreError) -> R? in
            try hash.withBytes { (key) throws(StoreError) -> R? in
                guard let bytes = try snapshot.value(of: key, in: snapshots.environments.objects),
                    let record = IndexRecord(bytes)
                else { return nil }
                return body(record, bytes)
            }
        }
    }

    func withValue<R>(_ key: ChunkKey, _ sizeClass: SizeClass, _ body: (UnsafeRawBufferPointer) -> R?) -> R? {
        guard let reader = snapshots?.chunks[sizeClass.rawValue] else { return nil }
        return try? reader.transaction.withSnapshot { (snapshot) throws(StoreError) -> R? in
            try key.withBytes { (key) throws(StoreError) -> R? in
                guard let value = try snapshot.value(of: key, in: reader.database) else { return nil }
                if reader.mapStart == nil { reader.mapStart = try snapshot.mapStart(in: reader.database) }
                return body(value)
            }
        }
    }

    /// Where to read a value from, if it is not in memory; inside `withValue`.
    func coldness(of value: UnsafeRawBufferPointer, _ sizeClass: SizeClass) -> ColdChunk? {
        guard let base = value.baseAddress, let reader = snapshots?.chunks[sizeClass.rawValue],
            let mapStart = reader.mapStart
        else { return nil }
        // A value begins behind the header of its first page. Nothing of it may be touched to find that out.
        let offset = base - SizeClass.pageHeaderBytes - mapStart
        if shard.residency.holds(value, page: offset / SizeClass.pageBytes, sizeClass) { return nil }
        return ColdChunk(
            environment: reader.environment, offset: offset, count: sizeClass.pages * SizeClass.pageBytes)
    }

    /// Whether the object is what is stored under its key now.
    func isCurrent(_ object: StoredObject) -> Bool {
        isCurrent(object.id, object.keyHash)
    }

    func isCurrent(_ id: ObjectID, _ hash: Hash128) -> Bool {
        withRecord(hash) { record, _ in record.id == id ? true : nil } ?? false
    }

    /// Compares the checksum the first time a chunk from before an untrusted opening is used.
    func isIntact(_ bytes: UnsafeRawBufferPointer, object: StoredObject, chunk: Int) -> Bool {
        guard let table = shard.verification, !table.isVerified(object.id, slot: object.slot, chunk: chunk) else {
            return true
        }
        let expected: UInt32? = withRecord(object.keyHash) { record, recordBytes in
            guard record.id == object.id, record.kind == .chunks else { return nil }
            return record.chunkChecksum(chunk, in: recordBytes)
        }
        guard expected == CRC32C.checksum(bytes) else { return false }
        table.setVerified(slot: object.slot, chunk: chunk)
        return true
    }

    func countChecksumFailure() { shard.counters.update { $0.checksumFailures += 1 } }
}

extension Hash128 {
    /// Runs `body` on the sixteen bytes that are the index key.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> R) throws(StoreError) -> R {
        var storage = (low.littleEndian, high.littleEndian)
        let result: Result<R, StoreError> = withUnsafeBytes(of: &storage) { bytes in
            do throws(StoreError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
