import Bytes
import Testing

@testable import SegmentStore

@Suite struct ShardTests {
    private func options(_ shards: Int, _ log: EventLog = EventLog()) -> SegmentStoreOptions {
        var options = SegmentStoreOptions()
        options.capacityBytes = 64 << 20
        options.shards = shards
        options.onEvent = { log.add($0) }
        return options
    }

    private let names = (0..<60).map { "h/\($0)" }
    private func size(_ name: String) -> Int { [100, 300_000, 9_000, 262_128][name.utf8.count % 4] }

    /// A closed store of two shards; returns the names in the second.
    private func filled(_ directory: TemporaryStoreDirectory) async throws -> [String] {
        let store = try SegmentStore.open(directory: directory.path, options: options(2))
        for name in names { _ = await stored(store, name, body(name, size(name))) }
        store.close()
        let reader = try store.makeReader()
        return names.filter { reader.lookup(key: key($0))?.id.shard(of: 2) == 1 }
    }

    @Test func `four shards hold what one would, in files of their own`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path, options: options(4))
        for name in names { _ = await stored(store, name, body(name, size(name))) { $0.tags = [key("t")] } }
        await store.settle()
        #expect(store.statistics.objects == names.count)
        #expect(store.statistics.shards == 4)
        let reader = try store.makeReader()
        var ids: Set<ObjectID> = []
        var used: Set<Int> = []
        for name in names {
            let object = try #require(reader.lookup(key: key(name)))
            #expect(reader.body(of: object) == body(name, size(name)))
            ids.insert(object.id)
            used.insert(object.id.shard(of: 4))
            #expect(object.id.shard(of: 4) == object.keyHash.shard(of: 4))
        }
        #expect(ids.count == names.count, "ids are unique across shards")
        #expect(used == [0, 1, 2, 3])
        // One purge covers all shards and is complete when the last one is.
        let receipt = try store.purge(PurgeRequest(tags: [key("t")]))
        #expect(names.allSatisfy { reader.lookup(key: key($0)) == nil })
        while store.purgeStatus(receipt.sequence)?.isComplete != true { await store.settle() }
        #expect(store.purgeStatus(receipt.sequence)?.objects == names.count)
        await store.settle()
        #expect(store.statistics.objects == 0)
        store.close()
        #expect(directory.names().filter { $0.hasPrefix("shard-") }.count == 4)
    }

    @Test func `a running fill of a sharded store can be read by its number`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path, options: options(4))
        defer { store.close() }
        let reader = try store.makeReader()
        for name in names.prefix(8) {
            let writer = store.beginObject(key: key(name), fence: store.currentFence)
            _ = writer.append(body(name, 300_000))
            await store.settle()
            #expect(writer.committedChunks == 1)
            let bytes = reader.withCommittedChunk(of: writer.id, index: 0) { [UInt8]($0) }
            #expect(bytes == Array(body(name, 300_000).prefix(StoredObject.chunkBytes)))
        }
    }

    @Test func `the number of shards stays what it was, and the store says so`() async throws {
        let directory = TemporaryStoreDirectory()
        _ = try await filled(directory)
        let log = EventLog()
        let second = try SegmentStore.open(directory: directory.path, options: options(4, log))
        defer { second.close() }
        #expect(log.all.contains(.shardsKept(2, asked: 4)))
        #expect(second.statistics.shards == 2)
        let reader = try second.makeReader()
        for name in names { #expect(reader.body(name) == body(name, size(name))) }
    }

    @Test(arguments: [0, 3, 128])
    func `a number of shards that is no power of two is refused by name`(_ count: Int) {
        let directory = TemporaryStoreDirectory()
        let error = #expect(throws: StoreError.self) {
            try SegmentStore.open(directory: directory.path, options: options(count))
        }
        #expect(error?.code == .options)
        #expect(error?.description.contains("shards is \(count)") == true)
    }

    @Test(arguments: ["", "weir-segment-store 2\nshards 3\nseed 00\n", "something else"])
    func `without a layout nobody knows what the files are, so they go`(_ layout: String) async throws {
        let directory = TemporaryStoreDirectory()
        _ = try await filled(directory)
        write(Array(layout.utf8), directory.path + "/" + StoreLayout.fileName)
        let log = EventLog()
        let second = try SegmentStore.open(directory: directory.path, options: options(4, log))
        defer { second.close() }
        #expect(log.all.contains { if case .wiped = $0 { true } else { false } })
        #expect(second.statistics.objects == 0)
        #expect(second.statistics.shards == 4)
        guard case .stored = await stored(second, "new", body("new", 300_000)) else {
            Issue.record("the store does not work any more")
            return
        }
    }

    @Test func `a layout of a later version is left alone`() throws {
        let directory = TemporaryStoreDirectory()
        write(Array("weir-segment-store 9\n".utf8), directory.path + "/" + StoreLayout.fileName)
        let error = #expect(throws: StoreError.self) { try SegmentStore.open(directory: directory.path) }
        #expect(error?.code == .format)
        #expect(error?.description.contains("layout 9") == true)
    }

    @Test func `damage in one shard costs the others nothing`() async throws {
        let directory = TemporaryStoreDirectory()
        let inSecond = try await filled(directory)
        write([], directory.shardFile(StoreEnvironments.indexName, 0))
        let second = try SegmentStore.open(directory: directory.path, options: options(2))
        defer { second.close() }
        let again = try second.makeReader()
        #expect(names.filter { again.lookup(key: key($0)) != nil } == inSecond)
        for name in inSecond { #expect(again.body(name) == body(name, size(name))) }
    }
}
