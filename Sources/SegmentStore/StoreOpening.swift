internal import Bytes
internal import Glibc

/// Everything that happens between the lock and the first look-up: decide on trust, open, read the index, settle accounts
/// with the chunk environments.
struct StoreOpening {
    /// What the writer must remember of a record.
    struct Found {
        let keyHash: Hash128
        let id: ObjectID
        let slot: UInt32
        let length: Int
        let recordBytes: Int
        let isInline: Bool
    }

    static let formatVersion: UInt8 = 1
    static let idReserve: UInt64 = 1 << 20

    let directory: StoreDirectory
    let options: SegmentStoreOptions
    let environments: StoreEnvironments
    let hasher: SipHash128
    let purges: PurgeLedger
    let isTrusted: Bool
    let bootIdentity: String
    private(set) var verification: VerificationTable?
    /// In order of id.
    private(set) var records: [Found] = []
    private(set) var nextID: UInt64
    private(set) var idCeiling: UInt64
    private(set) var droppedObjects = 0
    private(set) var orphans = 0

    init(path: String, options: SegmentStoreOptions) throws(StoreError) {
        self.options = options
        directory = try StoreDirectory(path: path)
        bootIdentity = options.bootIdentity ?? StoreState.currentBoot()
        let previous = try directory.readFile(StoreState.fileName).flatMap { StoreState($0) }
        isTrusted = StoreState.isTrusted(previous, currentBoot: bootIdentity)
        let wasClean = isTrusted && previous?.isClean == true
        // From here until close, only the page cache of this boot vouches for the files.
        try directory.replaceFile(
            StoreState.fileName, with: StoreState(bootIdentity: bootIdentity, isClean: false).bytes)
        let wiped = StoreOpening.discardDamaged(directory, options, isTrusted: isTrusted)
        environments = try StoreOpening.openEnvironments(directory, options)
        for environment in environments.all { environment.checkReaders() }
        let settings = try StoreOpening.settings(environments)
        hasher = settings.hasher

        var scan = try RecordScan(environments, maxObjects: options.maxObjects, verifyChecksums: !isTrusted)
        purges = try PurgeLedger(
            directory: directory, hasher: settings.hasher, newestFence: scan.newestFence,
            isFresh: scan.records.isEmpty && scan.rejected.isEmpty)
        var highestChunk: UInt64 = 0
        if !wasClean || wiped {
            (orphans, highestChunk) = try StoreOpening.reconcile(environments, &scan)
        }
        try StoreOpening.delete(scan.rejected, environments)
        droppedObjects = scan.rejected.count
        records = scan.records
        nextID = max(settings.idCeiling, (scan.records.last?.id.rawValue ?? 0) + 1, highestChunk + 1)
        idCeiling = nextID + StoreOpening.idReserve
        try StoreOpening.writeIDCeiling(idCeiling, environments)
        if !isTrusted || options.verification == .always {
            var counts = [Int](repeating: 0, count: Int(records.map(\.slot).max() ?? 0) + 1)
            for record in records where !record.isInline {
                counts[Int(record.slot)] = SizeClass.chunkCount(ofLength: record.length)
            }
            verification = VerificationTable(chunkCounts: counts, firstTrusted: ObjectID(rawValue: nextID))
        }
    }

    /// Empties what is damaged in structure, before LMDB can stumble over it.
    ///
    /// Returns whether anything was.
    private static func discardDamaged(
        _ directory: StoreDirectory, _ options: SegmentStoreOptions, isTrusted: Bool
    ) -> Bool {
        var wiped = false
        for name in StoreEnvironments.fileNames {
            guard let fault = EnvironmentAudit.fault(inFile: directory.file(name), whole: !isTrusted) else { continue }
            options.onEvent(.wiped(environment: name, reason: fault))
            wiped = true
            // Without the index nobody knows what the chunks are.
            if name == StoreEnvironments.indexName {
                StoreEnvironments.fileNames.forEach(directory.removeEnvironment)
                return true
            }
            directory.removeEnvironment(name)
        }
        return wiped
    }

    /// Opens the environments; one that LMDB itself refuses as damaged takes the whole cache with it.
    private static func openEnvironments(
        _ directory: StoreDirectory, _ options: SegmentStoreOptions
    ) throws(StoreError) -> StoreEnvironments {
        do throws(StoreError) {
            return try StoreEnvironments(directory: directory, options: options)
        } catch  where error.code == .damaged || error.code == .format {
            options.onEvent(.wiped(environment: "all", reason: error.description))
            StoreEnvironments.fileNames.forEach(directory.removeEnvironment)
            return try StoreEnvironments(directory: directory, options: options)
        }
    }

    private static func settings(
        _ environments: StoreEnvironments
    ) throws(StoreError) -> (hasher: SipHash128, idCeiling: UInt64) {
        let transaction = try WriteTransaction(environments.index)
        let database = environments.settings
        let format = try transaction.value(ofName: "format", in: database)
        var seed = try transaction.value(ofName: "seed", in: database) ?? []
        let ceiling = try transaction.value(ofName: "ids", in: database) ?? []
        if let format, format != [formatVersion] {
            throw StoreError(
                .format,
                "\(environments.index.path) has format \(format), this version writes \(formatVersion);"
                    + " empty the cache directory")
        }
        if seed.count != 16 {
            seed = randomBytes(16)
            try transaction.put(Array("seed".utf8), in: database, seed)
            try transaction.put(Array("format".utf8), in: database, [formatVersion])
        }
        try transaction.commit()
        let key = seed.withUnsafeBytes { bytes -> (UInt64, UInt64) in (bytes.load(0), bytes.load(8)) }
        let next: UInt64 = ceiling.count == 8 ? ceiling.withUnsafeBytes { $0.load(0) } : 1
        return (SipHash128(key: key), next)
    }

    static func writeIDCeiling(_ ceiling: UInt64, _ environments: StoreEnvironments) throws(StoreError) {
        let transaction = try WriteTransaction(environments.index)
        var bytes: [UInt8] = []
        bytes.append(littleEndian: ceiling)
        try transaction.put(Array("ids".utf8), in: environments.settings, bytes)
        try transaction.commit()
    }

    /// Deletes chunks that belong to no record and rejects records that lack a chunk.
    private static func reconcile(
        _ environments: StoreEnvironments, _ scan: inout RecordScan
    ) throws(StoreError) -> (orphans: Int, highestChunk: UInt64) {
        let expected = scan.records.filter { !$0.isInline }.map { OrphanSweep.Expected(id: $0.id, length: $0.length) }
        var incomplete: Set<ObjectID> = []
        var deletions = 0
        var highest: UInt64 = 0
        for sizeClass in SizeClass.allCases {
            let chunks = environments[sizeClass]
            var sweep = OrphanSweep(sizeClass, expected: expected)
            var orphans: [[UInt8]] = []
            try ReadTransaction(chunks.environment).withSnapshot { (snapshot) throws(StoreError) in
                try snapshot.forEach(in: chunks.database) { key, value in
                    if key.elementsEqual(ChunkKey.ageKey) { return true }
                    let parsed = ChunkKey(key)
                    if let parsed {
                        highest = max(highest, parsed.id.rawValue)
                        if sweep.belongs(parsed, valueBytes: value.count) { return true }
                    }
                    orphans.append([UInt8](key))
                    return true
                }
            }
            sweep.finish()
            incomplete.formUnion(sweep.incomplete)
            deletions += orphans.count
            try deleteKeys(orphans, in: chunks)
        }
        if !incomplete.isEmpty { scan.reject(incomplete) }
        // The chunks an incomplete object does have are orphans too.
        for found in scan.rejectedAsIncomplete where !found.isInline {
            try deleteChunks(of: found, environments)
        }
        return (deletions, highest)
    }

    private static func deleteKeys(_ keys: [[UInt8]], in chunks: StoreEnvironments.Chunks) throws(StoreError) {
        var rest = keys[...]
        while !rest.isEmpty {
            let transaction = try WriteTransaction(chunks.environment)
            for key in rest.prefix(1_024) {
                _ = try key.withRawBytes { (key) throws(StoreError) in
                    try transaction.delete(key, in: chunks.database)
                }
            }
            try transaction.commit()
            rest = rest.dropFirst(1_024)
        }
    }

    private static func deleteChunks(of found: Found, _ environments: StoreEnvironments) throws(StoreError) {
        for sizeClass in SizeClass.allCases where sizeClass.pieces(ofLength: found.length) > 0 {
            let chunks = environments[sizeClass]
            let keys = (0..<SizeClass.chunkCount(ofLength: found.length))
                .filter { SizeClass.of(chunk: $0, length: found.length) == sizeClass }
                .map { index in
                    var key: [UInt8] = []
                    key.append(bigEndian: found.id.rawValue)
                    key.append(bigEndian: UInt32(index))
                    return key
                }
            try deleteKeys(keys, in: chunks)
        }
    }

    private static func delete(_ keys: [[UInt8]], _ environments: StoreEnvironments) throws(StoreError) {
        guard !keys.isEmpty else { return }
        let transaction = try WriteTransaction(environments.index)
        for key in keys {
            _ = try key.withRawBytes { (key) throws(StoreError) in
                try transaction.delete(key, in: environments.objects)
            }
        }
        try transaction.commit()
    }
}

/// One pass over the index: what is sound, what is not.
struct RecordScan {
    private(set) var records: [StoreOpening.Found] = []
    /// Index keys of records to delete.
    private(set) var rejected: [[UInt8]] = []
    private(set) var rejectedAsIncomplete: [StoreOpening.Found] = []
    private(set) var newestFence = PurgeSequence.zero

    init(_ environments: StoreEnvironments, maxObjects: Int, verifyChecksums: Bool) throws(StoreError) {
        var records: [StoreOpening.Found] = []
        var rejected: [[UInt8]] = []
        var newestFence = PurgeSequence.zero
        var usedSlots = [Bool](repeating: false, count: maxObjects)
        try ReadTransaction(environments.index).withSnapshot { (snapshot) throws(StoreError) in
            try snapshot.forEach(in: environments.objects) { key, value in
                guard key.count == 16, let record = IndexRecord(value), Int(record.slot) < maxObjects,
                    !usedSlots[Int(record.slot)], !verifyChecksums || IndexRecord.isIntact(value)
                else {
                    rejected.append([UInt8](key))
                    return true
                }
                usedSlots[Int(record.slot)] = true
                newestFence = max(newestFence, record.fence)
                records.append(
                    StoreOpening.Found(
                        keyHash: Hash128(high: key.load(8), low: key.load(0)), id: record.id, slot: record.slot,
                        length: Int(record.length), recordBytes: value.count, isInline: record.kind == .inline))
                return true
            }
        }
        records.sort { $0.id < $1.id }
        self.records = records
        self.rejected = rejected
        self.newestFence = newestFence
    }

    /// Moves the objects in `ids` from the sound to the rejected.
    mutating func reject(_ ids: Set<ObjectID>) {
        rejectedAsIncomplete = records.filter { ids.contains($0.id) }
        records.removeAll { ids.contains($0.id) }
        for found in rejectedAsIncomplete {
            var key: [UInt8] = []
            key.append(littleEndian: found.keyHash.low)
            key.append(littleEndian: found.keyHash.high)
            rejected.append(key)
        }
    }
}

func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
