internal import Bytes
internal import Glibc

/// What `SegmentStore.verify(directory:)` found.
public struct OfflineVerification: Sendable, Equatable {
    /// Objects compared with their checksums.
    public var objects = 0
    /// Bytes of their bodies.
    public var bytes = 0
    /// Keys of those that do not match.
    public var damaged: [[UInt8]] = []
    /// Files whose structure is damaged, and in what; the next opening empties them.
    public var faults: [String] = []
}

extension SegmentStore {
    /// Compares everything in a cache directory that no process has open with its checksums, and changes none of it.
    ///
    /// What a purge hides and nobody has reclaimed yet is compared as well. What is damaged is dropped by the process that
    /// opens the directory next, when it comes upon it. Reads the whole cache.
    ///
    /// Throws `.inUse` if a process has it open, `.format` if there is no cache of this version.
    public static func verify(
        directory path: String, progress: (OfflineVerification) -> Void = { _ in }
    ) throws(StoreError) -> OfflineVerification {
        guard access(path + "/" + StoreLayout.fileName, F_OK) == 0 else {
            throw StoreError(.format, "there is no cache in \(path)")
        }
        let directory = try StoreDirectory(path: path)
        guard let layout = try directory.readFile(StoreLayout.fileName).flatMap({ try? StoreLayout($0) }) else {
            throw StoreError(.format, "\(directory.file(StoreLayout.fileName)) is not one this version can read")
        }
        var result = OfflineVerification()
        for number in 0..<layout.shards {
            try verify(folder: directory.file(StoreDirectory.shardName(number)), &result, progress)
        }
        return result
    }

    private static func verify(
        folder: String, _ result: inout OfflineVerification, _ progress: (OfflineVerification) -> Void
    ) throws(StoreError) {
        var isReadable = true
        for name in StoreEnvironments.fileNames {
            // LMDB follows a torn page wherever it leads, so it gets to see sound files only.
            guard let fault = EnvironmentAudit.fault(inFile: folder + "/" + name, whole: true) else { continue }
            result.faults.append("\(folder)/\(name): \(fault)")
            isReadable = false
        }
        guard isReadable, let files = try ShardFiles(folder) else { return }
        var found = result
        try files.forEach { record, bytes, isWhole in
            found.objects += 1
            found.bytes += Int(record.length)
            if !isWhole { found.damaged.append([UInt8](record.key.bytes(in: bytes))) }
            if found.objects % 10_000 == 0 { progress(found) }
        }
        result = found
    }
}

/// The files of one shard, open for reading and nothing else.
private struct ShardFiles {
    private let index: File
    /// In the order of `SizeClass.allCases`; `nil` where there is none.
    private let chunks: [File?]

    private final class File {
        let transaction: ReadTransaction
        let database: LMDBDatabase

        /// `nil` if there is no such file, or nothing in it.
        init?(_ path: String, database name: String?) throws(StoreError) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_size > 0 else { return nil }
            let environment = try LMDBEnvironment(readingOnly: path)
            guard let database = try environment.existingDatabase(named: name) else { return nil }
            self.database = database
            transaction = try ReadTransaction(environment)
        }
    }

    /// `nil` if there is no index, and so nothing that could be damaged.
    init?(_ folder: String) throws(StoreError) {
        guard let index = try File(folder + "/" + StoreEnvironments.indexName, database: "objects") else { return nil }
        self.index = index
        var chunks: [File?] = []
        for sizeClass in SizeClass.allCases {
            chunks.append(try File(folder + "/" + sizeClass.fileName, database: nil))
        }
        self.chunks = chunks
    }

    /// Visits every record and says whether it and its chunks match their checksums.
    func forEach(_ body: (IndexRecord, UnsafeRawBufferPointer, Bool) -> Void) throws(StoreError) {
        try index.transaction.withSnapshot { (snapshot) throws(StoreError) in
            var failure: StoreError?
            try snapshot.forEach(in: index.database) { _, bytes in
                guard let record = IndexRecord(bytes) else { return true }
                do throws(StoreError) {
                    let isWhole = try isWhole(record, bytes)
                    body(record, bytes, IndexRecord.isIntact(bytes) && isWhole)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
        }
    }

    private func isWhole(_ record: IndexRecord, _ bytes: UnsafeRawBufferPointer) throws(StoreError) -> Bool {
        guard record.kind == .chunks else { return true }
        let length = Int(record.length)
        for number in 0..<SizeClass.chunkCount(ofLength: length) {
            let sizeClass = SizeClass.of(chunk: number, length: length)
            guard let file = chunks[sizeClass.rawValue] else { return false }
            let count = SizeClass.byteCount(ofChunk: number, length: length)
            let checksum = try file.transaction.withSnapshot { (snapshot) throws(StoreError) -> UInt32? in
                try ChunkKey(id: record.id, index: UInt32(number)).withBytes { (key) throws(StoreError) -> UInt32? in
                    guard let value = try snapshot.value(of: key, in: file.database),
                        value.count == sizeClass.valueBytes
                    else { return nil }
                    return CRC32C.checksum(UnsafeRawBufferPointer(rebasing: value[..<count]))
                }
            }
            guard checksum == record.chunkChecksum(number, in: bytes) else { return false }
        }
        return true
    }
}
