import Bytes
import Glibc
import Synchronization
import Testing

@testable import SegmentStore

/// Copies of records in memory: found where they are, never torn, never outdated, never more than allowed.
@Suite struct RecordCacheTests {
    private let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: RecordCache.maxRecordBytes + 8, alignment: 16)

    /// A record whose bytes say whose it is and which version.
    private func record(_ number: Int, version: Int = 0, count: Int = 400) -> [UInt8] {
        let seed = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(version)
        return (0..<count).map { UInt8(truncatingIfNeeded: (seed &+ UInt64($0)) >> UInt64($0 % 7)) }
    }

    private static func hash(_ number: Int) -> Hash128 { SipHash128(key: (1, 2)).hash(Array("\(number)".utf8)) }
    private func hash(_ number: Int) -> Hash128 { Self.hash(number) }

    private func insert(_ bytes: [UInt8], _ number: Int, in cache: RecordCache) throws {
        let ticket = try #require(cache.ticket(for: hash(number)))
        let asks = bytes.withUnsafeBytes { cache.insert($0, of: hash(number), ticket) }
        guard asks else { return }
        let before = cache.usedBytes
        cache.populateMore()
        #expect(cache.usedBytes > before)
    }

    private func found(_ number: Int, in cache: RecordCache) -> [UInt8]? {
        cache.copy(hash(number), to: scratch).map { [UInt8](scratch[..<$0]) }
    }

    /// A cache with some memory to begin with.
    private func cache(mebibytes: Int) -> RecordCache {
        let cache = RecordCache(byteCount: mebibytes << 20)
        #expect(cache.mustAskForMemory)
        cache.populateMore()
        return cache
    }

    @Test func `records of every length come back as they were`() throws {
        defer { scratch.deallocate() }
        let cache = cache(mebibytes: 8)
        for count in [0, 1, 7, 8, 9, 39, 40, 41, 4_095, RecordCache.maxRecordBytes] {
            #expect(found(count, in: cache) == nil)
            try insert(record(count, count: count), count, in: cache)
            #expect(found(count, in: cache) == record(count, count: count))
        }
        try insert(record(1, count: RecordCache.maxRecordBytes + 1), 99, in: cache)
        #expect(found(99, in: cache) == nil)
    }

    @Test func `nearly everything that fits is found, and memory ends where it was told to`() throws {
        defer { scratch.deallocate() }
        let cache = cache(mebibytes: 16)
        // 400 bytes and their header take seven lines.
        let fitting = 30_000
        for number in 0..<fitting { try insert(record(number), number, in: cache) }
        let kept = (0..<fitting).filter { found($0, in: cache) != nil }.count
        #expect(kept > fitting * 97 / 100, "\(kept) of \(fitting)")
        for number in fitting..<4 * fitting { try insert(record(number), number, in: cache) }
        #expect(cache.usedBytes <= 16 << 20)
        #expect(found(0, in: cache) == nil, "the oldest was overwritten")
        #expect(found(4 * fitting - 1, in: cache) == record(4 * fitting - 1))
        let wrong = (0..<4 * fitting).filter { number in found(number, in: cache).map { $0 != record(number) } ?? false
        }
        #expect(wrong.isEmpty)
    }

    @Test func `what changed is not found, and not brought back by who read it before`() throws {
        defer { scratch.deallocate() }
        let cache = cache(mebibytes: 8)
        try insert(record(1), 1, in: cache)
        let ticket = try #require(cache.ticket(for: hash(1)))
        cache.invalidate(hash(1))
        #expect(found(1, in: cache) == nil)
        _ = record(1).withUnsafeBytes { cache.insert($0, of: hash(1), ticket) }
        #expect(found(1, in: cache) == nil)
        try insert(record(1, version: 1), 1, in: cache)
        #expect(found(1, in: cache) == record(1, version: 1))
        try insert(record(1, version: 2), 1, in: cache)
        #expect(found(1, in: cache) == record(1, version: 2))
    }

    @Test func `a cache that is off or has no room answers nothing`() throws {
        defer { scratch.deallocate() }
        let cache = cache(mebibytes: 8)
        try insert(record(1), 1, in: cache)
        let ticket = try #require(cache.ticket(for: hash(1)))
        cache.turnOff()
        #expect(found(1, in: cache) == nil)
        #expect(cache.ticket(for: hash(1)) == nil)
        cache.turnOn()
        #expect(found(1, in: cache) == nil, "it begins empty")
        _ = record(1).withUnsafeBytes { cache.insert($0, of: hash(1), ticket) }
        #expect(found(1, in: cache) == nil)
        let none = RecordCache(byteCount: 1 << 20)
        none.turnOn()
        none.invalidate(hash(1))
        #expect(none.ticket(for: hash(1)) == nil && found(1, in: none) == nil && none.usedBytes == 0)
    }

    /// Readers copy and insert while a writer changes what is true: no copy is torn, or older than what
    /// the writer had told before it was asked for.
    @Test func `readers and the writer together never show what is not true`() throws {
        scratch.deallocate()
        let cache = cache(mebibytes: 4)
        // What is committed, and what has been taken out of the cache since.
        let committed = (0..<64).map { _ in Counter() }
        let told = (0..<64).map { _ in Counter() }
        let isOver = Counter()
        let wrong = Counter()
        let copies = Counter()
        // Threads and no tasks: they never wait, and tasks that do not may fill the pool.
        let ended = Signal()
        for reader in 0..<2 {
            try startThread {
                let target = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: RecordCache.maxRecordBytes + 8, alignment: 16)
                defer { target.deallocate() }
                var number = reader
                while isOver.value == 0 {
                    number = (number &* 5 &+ 1) % 64
                    let least = told[number].value
                    if let count = cache.copy(Self.hash(number), to: target) {
                        let version = Int(target.load(fromByteOffset: 0, as: UInt64.self))
                        if version < least || [UInt8](target[..<count]) != Self.versioned(number, version) {
                            wrong.add()
                        }
                        copies.add()
                    } else if let ticket = cache.ticket(for: Self.hash(number)) {
                        // What a snapshot of LMDB would show.
                        let bytes = Self.versioned(number, committed[number].value)
                        let asks = bytes.withUnsafeBytes { cache.insert($0, of: Self.hash(number), ticket) }
                        if asks { cache.populateMore() }
                    }
                }
                ended.set()
            }
        }
        try startThread {
            var round = 0
            while wrong.value == 0, round < 20_000 || copies.value < 100 {
                let number = round &* 7 % 64
                committed[number].add()
                cache.invalidate(Self.hash(number))
                told[number].add()
                round += 1
                if round % 8 == 0 { sched_yield() }
                // Where the readers are slow, nothing they insert would stay until they come back to it.
                if round > 20_000 { usleep(10_000) }
            }
            isOver.add()
            ended.set()
        }
        for _ in 0..<3 { ended.consume() }
        #expect(wrong.value == 0)
        #expect(copies.value >= 100)
    }

    /// Begins with its version; large, so that the ring goes round often.
    private static func versioned(_ number: Int, _ version: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 8_000) { buffer, count in
            count = 8_000
            let word = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(version)
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            for offset in stride(from: 8, to: 8_000, by: 8) {
                bytes.storeBytes(of: word &+ UInt64(offset), toByteOffset: offset, as: UInt64.self)
            }
            bytes.storeBytes(of: UInt64(version), as: UInt64.self)
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        var value: Int { count.load(ordering: .sequentiallyConsistent) }
        func add() { count.add(1, ordering: .sequentiallyConsistent) }
    }
}

/// The same through a store: what is in memory follows what the writer commits.
@Suite struct RememberedRecordTests {
    /// Looks `name` up until its record is in memory.
    private func remember(_ name: String, _ reader: StoreReader, _ store: SegmentStore) async {
        while true {
            let misses = store.statistics.recordCacheMisses
            guard reader.lookup(key: key(name)) != nil else { break }
            if store.statistics.recordCacheMisses == misses { return }
            await store.settle()
        }
        Issue.record("\(name) is not stored")
    }

    @Test func `a remembered record is looked up without LMDB, and with all that was stored`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        for (name, count) in [("empty", 0), ("small", 700), ("chunks", 600_000)] {
            _ = await stored(store, name, body(name, count)) { metadata in
                metadata.annotation = key("annotation of \(name)")
                metadata.tags = [key("one"), key("two")]
            }
            await remember(name, reader, store)
            let misses = store.statistics.recordCacheMisses
            let object = try #require(reader.lookup(key: key(name)))
            #expect([UInt8](reader.head(of: object)) == key("HTTP/1.1 200 OK\r\nX-Name: \(name)\r\n"))
            #expect([UInt8](reader.etag(of: object)) == key("\"\(name)\""))
            #expect([UInt8](reader.annotation(of: object)) == key("annotation of \(name)"))
            #expect(reader.tags(of: object) == [key("one"), key("two")])
            #expect(object.freshUntil == 1_000)
            #expect(reader.body(of: object) == body(name, count))
            #expect(store.statistics.recordCacheMisses == misses)
        }
        #expect(store.statistics.recordCacheBytes > 0)
    }

    @Test func `a remembered record is forgotten when it is replaced, renewed, removed or purged`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        for name in ["replaced", "renewed", "removed", "purged", "stale"] {
            _ = await stored(store, name, body(name, 300))
            await remember(name, reader, store)
        }
        _ = await stored(store, "replaced", body("other", 301))
        #expect(reader.body("replaced") == body("other", 301))

        var metadata = ObjectMetadata()
        metadata.freshUntil = 2_000
        let renewed = try #require(reader.lookup(key: key("renewed")))
        let outcome = await withCheckedContinuation { continuation in
            store.refresh(renewed, fence: store.currentFence, metadata: metadata) {
                continuation.resume(returning: $0)
            }
        }
        #expect(outcome == .stored(renewed.id))
        #expect(reader.lookup(key: key("renewed"))?.freshUntil == 2_000)

        store.remove(try #require(reader.lookup(key: key("removed"))))
        await store.settle()
        #expect(reader.lookup(key: key("removed")) == nil)

        try store.purge(PurgeRequest(urls: [key("purged")]))
        #expect(reader.lookup(key: key("purged")) == nil)
        let soft = try store.purge(PurgeRequest(urls: [key("stale")], soft: true))
        #expect(reader.lookup(key: key("stale"))?.softPurged == true)
        while store.purgeStatus(soft.sequence)?.isComplete != true { await store.settle() }
        #expect(reader.lookup(key: key("purged")) == nil)
        #expect(reader.lookup(key: key("stale"))?.softPurged == true)
    }

    @Test func `a remembered record goes with its object when that is evicted`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.maxObjects = 16
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let reader = try store.makeReader()
        _ = await stored(store, "first", body("first", 300))
        await remember("first", reader, store)
        // All are asked for, so none is spared for that.
        for number in 0..<64 {
            _ = await stored(store, "\(number)", body("\(number)", 300))
            _ = reader.lookup(key: key("\(number)"))
        }
        #expect(reader.lookup(key: key("first")) == nil)
    }

    @Test func `after a release nothing is answered from memory`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        let reader = try store.makeReader()
        _ = await stored(store, "a", body("a", 300))
        await remember("a", reader, store)
        store.releaseForSuccessor()
        let hash = store.hash(key("a"))
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordCache.maxRecordBytes + 8, alignment: 16)
        defer { scratch.deallocate() }
        #expect(store.shards[0].records.copy(hash, to: scratch) == nil)
        #expect(reader.body("a") == body("a", 300))
        try store.resumeAsWriter()
        await remember("a", reader, store)
        #expect(store.shards[0].records.copy(hash, to: scratch) != nil)
        store.close()
    }
}
