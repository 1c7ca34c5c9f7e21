/// The LMDB files of a store.
struct StoreEnvironments: Sendable {
    /// One size class.
    struct Chunks: Sendable {
        let environment: LMDBEnvironment
        let database: LMDBDatabase
    }

    static let indexName = "index.mdb"
    static let maxReaders = 1_024

    let index: LMDBEnvironment
    /// Key hash (16 bytes) → index record.
    let objects: LMDBDatabase
    /// Format, hash seed and id ceiling.
    let settings: LMDBDatabase
    /// In the order of `SizeClass.allCases`.
    let chunks: [Chunks]

    init(directory: StoreDirectory, options: SegmentStoreOptions) throws(StoreError) {
        // The index map has room for copy-on-write, page fill and records that outgrow their limit for a moment.
        index = try LMDBEnvironment(
            path: directory.file(StoreEnvironments.indexName),
            mapBytes: options.mapBytes ?? pageAligned(4 * options.indexBytes + 64 << 20),
            maxReaders: StoreEnvironments.maxReaders, namedDatabases: 4)
        objects = try index.database(named: "objects")
        settings = try index.database(named: "settings")
        var chunks: [Chunks] = []
        for sizeClass in SizeClass.allCases {
            let environment = try LMDBEnvironment(
                path: directory.file(sizeClass.fileName),
                mapBytes: options.mapBytes ?? pageAligned(options.capacityBytes / 4 * 5 + 64 << 20),
                maxReaders: StoreEnvironments.maxReaders, namedDatabases: 0)
            chunks.append(Chunks(environment: environment, database: try environment.database(named: nil)))
        }
        self.chunks = chunks
    }

    subscript(_ sizeClass: SizeClass) -> Chunks { chunks[sizeClass.rawValue] }

    var all: [LMDBEnvironment] { [index] + chunks.map(\.environment) }

    /// Files of all environments.
    static var fileNames: [String] { [indexName] + SizeClass.allCases.map(\.fileName) }
}

private func pageAligned(_ bytes: Int) -> Int {
    (bytes + SizeClass.pageBytes - 1) / SizeClass.pageBytes * SizeClass.pageBytes
}

extension SegmentStoreOptions {
    var indexBytes: Int { indexCapacityBytes ?? max(8 << 20, capacityBytes / 16) }

    /// Group size that leaves a small cache room to work in, but at least one chunk.
    var effectiveBatchBytes: Int {
        max(SizeClass.pages64.pages * SizeClass.pageBytes, min(batchBytes, capacityBytes / 16))
    }

    func validate() throws(StoreError) {
        func require(_ condition: Bool, _ name: String, _ value: Int, _ range: String) throws(StoreError) {
            if !condition { throw StoreError(.options, "\(name) is \(value); it must be \(range)") }
        }
        try require(
            (4 << 20...1 << 46).contains(capacityBytes), "capacityBytes", capacityBytes, "from 4 MiB to 64 TiB")
        try require(indexBytes >= 1 << 20, "indexCapacityBytes", indexBytes, "at least 1 MiB")
        try require((16...1 << 30).contains(maxObjects), "maxObjects", maxObjects, "from 16 to 1,073,741,824")
        try require((0...8_192).contains(inlineBodyBytes), "inlineBodyBytes", inlineBodyBytes, "from 0 to 8,192")
        try require(queueBytes >= 1 << 20, "queueBytes", queueBytes, "at least 1 MiB")
        try require(batchBytes >= 1 << 18, "batchBytes", batchBytes, "at least 256 KiB")
        if let maxObjectBytes {
            try require(
                (1...capacityBytes).contains(maxObjectBytes), "maxObjectBytes", maxObjectBytes, "within capacityBytes")
        }
    }
}
