internal import Glibc

extension SegmentStoreOptions {
    /// Shards of a new store; a power of two.
    ///
    /// One writer thread stores some gigabytes a second, more than most networks bring, so it takes many processors
    /// before a second one is worth its files.
    var shardCount: Int {
        if let shards { return shards }
        var count = 1
        while count < 8, count * 8 <= sysconf(Int32(_SC_NPROCESSORS_ONLN)), capacityBytes / (2 * count) >= 8 << 30 {
            count *= 2
        }
        return count
    }

    /// What one of `count` shards may take of all that is limited.
    func share(of count: Int) -> SegmentStoreOptions {
        var share = self
        share.capacityBytes = capacityBytes / count
        share.indexCapacityBytes = max(1 << 20, indexBytes / count)
        share.maxObjects = max(16, maxObjects / count)
        share.recordCacheBytes = recordCacheBytes / count
        share.queueBytes = max(1 << 20, queueBytes / count)
        return share
    }

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
        if let shards {
            try require(StoreLayout.isShardCount(shards), "shards", shards, "a power of two from 1 to 64")
            try require(
                capacityBytes / shards >= 4 << 20, "capacityBytes", capacityBytes, "at least 4 MiB for each shard")
        }
        try require((0...1 << 50).contains(reserveBytes), "reserveBytes", reserveBytes, "from 0 to 1 PiB")
        try require((0...50).contains(probationShare), "probationShare", probationShare, "from 0 to 50")
        try require(indexBytes >= 1 << 20, "indexCapacityBytes", indexBytes, "at least 1 MiB")
        try require((16...1 << 30).contains(maxObjects), "maxObjects", maxObjects, "from 16 to 1,073,741,824")
        try require((0...8_192).contains(inlineBodyBytes), "inlineBodyBytes", inlineBodyBytes, "from 0 to 8,192")
        try require(
            (0...1 << 40).contains(recordCacheBytes), "recordCacheBytes", recordCacheBytes, "from 0 to 1 TiB")
        try require(queueBytes >= 1 << 20, "queueBytes", queueBytes, "at least 1 MiB")
        try require(batchBytes >= 1 << 18, "batchBytes", batchBytes, "at least 256 KiB")
        if let maxObjectBytes {
            try require(
                (1...capacityBytes).contains(maxObjectBytes), "maxObjectBytes", maxObjectBytes, "within capacityBytes")
        }
    }
}
