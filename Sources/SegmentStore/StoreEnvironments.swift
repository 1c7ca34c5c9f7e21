internal import Glibc

/// The LMDB files of one shard; closed when the last user is gone.
final class StoreEnvironments: Sendable {
    /// One size class.
    struct Chunks: Sendable {
        let environment: LMDBEnvironment
        let database: LMDBDatabase
    }

    static let indexName = "index.mdb"
    /// Slots of each reader table: a reader takes one in every environment of every shard.
    static let maxReaders = 4_096

    let index: LMDBEnvironment
    /// Key hash (16 bytes) → index record.
    let objects: LMDBDatabase
    /// Ceilings of ids and slots, and the newest fence of any record.
    let settings: LMDBDatabase
    /// In the order of `SizeClass.allCases`.
    let chunks: [Chunks]

    /// Opens or creates the files in `folder`, which must exist.
    init(folder: String, options: SegmentStoreOptions) throws(StoreError) {
        let readers = options.maxReaders
        // The index map has room for copy-on-write, page fill and records that outgrow their limit for a moment.
        index = try LMDBEnvironment(
            path: folder + "/" + StoreEnvironments.indexName,
            mapBytes: options.mapBytes ?? pageAligned(4 * options.indexBytes + 64 << 20),
            maxReaders: readers, namedDatabases: 4)
        objects = try index.database(named: "objects")
        settings = try index.database(named: "settings")
        var chunks: [Chunks] = []
        for sizeClass in SizeClass.allCases {
            let environment = try LMDBEnvironment(
                path: folder + "/" + sizeClass.fileName,
                mapBytes: options.mapBytes ?? pageAligned(options.capacityBytes / 4 * 5 + 64 << 20),
                maxReaders: readers, namedDatabases: 0)
            chunks.append(Chunks(environment: environment, database: try environment.database(named: nil)))
        }
        self.chunks = chunks
    }

    subscript(_ sizeClass: SizeClass) -> Chunks { chunks[sizeClass.rawValue] }

    var all: [LMDBEnvironment] { [index] + chunks.map(\.environment) }

    /// Files of all environments.
    static var fileNames: [String] { [indexName] + SizeClass.allCases.map(\.fileName) }

    /// Removes an environment's file and its lock file, if they are there.
    static func remove(_ path: String) {
        unlink(path)
        unlink(path + "-lock")
    }

    /// Removes all environments in `folder`.
    static func removeAll(in folder: String) {
        for name in fileNames { remove(folder + "/" + name) }
    }

    /// Deletes records by their index keys.
    func deleteRecords(_ keys: [[UInt8]]) throws(StoreError) {
        if keys.isEmpty { return }
        let transaction = try WriteTransaction(index)
        for key in keys {
            _ = try key.withRawBytes { (key) throws(StoreError) in try transaction.delete(key, in: objects) }
        }
        try transaction.commit()
    }
}

private func pageAligned(_ bytes: Int) -> Int {
    (bytes + SizeClass.pageBytes - 1) / SizeClass.pageBytes * SizeClass.pageBytes
}
