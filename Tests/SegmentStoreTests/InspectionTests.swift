import Glibc
import Testing

@testable import SegmentStore

@Suite struct InspectionTests {
    private func filled(_ directory: TemporaryStoreDirectory, shards: Int) async throws -> SegmentStore {
        var options = SegmentStoreOptions()
        options.capacityBytes = 64 << 20
        options.shards = shards
        let store = try SegmentStore.open(directory: directory.path, options: options)
        for index in 0..<30 {
            let name = index % 2 == 0 ? "/a/\(index)" : "/b/\(index)"
            _ = await stored(store, name, body(name, [100, 300_000, 9_000][index % 3])) { $0.tags = [key("t\(index)")] }
        }
        return store
    }

    @Test(arguments: [1, 4])
    func `a listing shows every object once, page by page`(_ shards: Int) async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory, shards: shards)
        defer { store.close() }
        var seen: [[UInt8]] = []
        var cursor: StoreCursor? = .start
        while let place = cursor {
            let page = try store.list(prefix: key("/a/"), after: place, limit: 4)
            #expect(page.objects.count <= 4)
            seen += page.objects.map(\.key)
            cursor = page.next.flatMap { StoreCursor($0.description) }
            #expect(cursor == page.next)
        }
        #expect(seen.count == 15 && Set(seen) == Set((0..<15).map { key("/a/\(2 * $0)") }))
        let all = try store.list(limit: 1_000)
        #expect(all.objects.count == 30 && all.next == nil)
        let one = try #require(all.objects.first { $0.key == key("/b/1") })
        #expect(one.length == 300_000 && one.status == 200 && one.freshUntil == 1_000 && one.tags == [key("t1")])
        try store.purge(PurgeRequest(prefixes: [key("/a/")]))
        try store.purge(PurgeRequest(urls: [key("/b/1")], soft: true))
        let rest = try store.list(limit: 1_000).objects
        #expect(rest.count == 15)
        #expect(rest.filter(\.softPurged).map(\.key) == [key("/b/1")])
    }

    @Test(arguments: ["", "0", "0-", "64-", "-1-", "0-zz", "0-00", "1-00112233445566778899aabbccddeeff"])
    func `a cursor is what was handed out, or none`(_ text: String) {
        #expect((StoreCursor(text) != nil) == ["0-", "1-00112233445566778899aabbccddeeff"].contains(text))
    }

    private func tampered(_ directory: TemporaryStoreDirectory) async throws {
        let store = try await filled(directory, shards: 1)
        store.close()
    }

    @Test func `verification finds the damaged object, and it is gone`() async throws {
        let directory = TemporaryStoreDirectory()
        try await tampered(directory)
        let path = directory.shardFile(SizeClass.pages64.fileName)
        var bytes = try #require(contents(path))
        let needle = Array(body("/a/4", 300_000)[200_000..<200_032])
        let position = try #require(bytes.firstRange(of: needle)).lowerBound
        bytes[position] ^= 1
        write(bytes, path)
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let first = try store.verify()
        #expect(first.objects == 30 && first.next == nil)
        #expect(first.bytes == 10 * (100 + 300_000 + 9_000))
        #expect(first.damaged == [key("/a/4")])
        await store.settle()
        #expect(try store.makeReader().lookup(key: key("/a/4")) == nil)
        #expect(store.statistics.checksumFailures == 1)
        let second = try store.verify()
        #expect(second.objects == 29 && second.damaged.isEmpty)
    }

    /// The directory is a store's as long as anything of it is alive.
    private func refused(_ directory: TemporaryStoreDirectory) async throws {
        let store = try await filled(directory, shards: 2)
        let error = #expect(throws: StoreError.self) { try SegmentStore.verify(directory: directory.path) }
        #expect(error?.code == .inUse)
        store.close()
    }

    @Test func `a cache that nobody has open is verified and not changed`() async throws {
        let directory = TemporaryStoreDirectory()
        try await refused(directory)
        let sound = try SegmentStore.verify(directory: directory.path)
        #expect(sound.objects == 30 && sound.damaged.isEmpty && sound.faults.isEmpty)
        #expect(sound.bytes == 10 * (100 + 300_000 + 9_000))

        let needle = Array(body("/a/4", 300_000)[200_000..<200_032])
        let paths = (0..<2).map { directory.shardFile(SizeClass.pages64.fileName, $0) }
        for path in paths {
            var bytes = try #require(contents(path))
            guard let position = bytes.firstRange(of: needle)?.lowerBound else { continue }
            bytes[position] ^= 1
            write(bytes, path)
        }
        let before = paths.map { contents($0) }
        let damaged = try SegmentStore.verify(directory: directory.path)
        #expect(damaged.damaged == [key("/a/4")])
        #expect(damaged.objects == 30 && damaged.faults.isEmpty)
        #expect(paths.map { contents($0) } == before)

        let index = directory.shardFile(StoreEnvironments.indexName)
        truncate(index, 8_192)
        let torn = try SegmentStore.verify(directory: directory.path)
        #expect(torn.faults.count == 1 && torn.faults[0].contains(index))
        #expect(torn.objects < 30, "the other shard's")
        #expect(throws: StoreError.self) { try SegmentStore.verify(directory: directory.path + "/nowhere") }
        #expect(contents(directory.path + "/nowhere") == nil)
    }

    @Test func `purges of a URL, a prefix and a tag cover every variant and slice`() async throws {
        let names = ["/v", "/v\u{0}v gzip", "/v\u{0}s 3", "/v\u{0}c br\u{0}v de", "/vx"]
        for request in [
            PurgeRequest(urls: [key("/v")]), PurgeRequest(prefixes: [key("/v")]), PurgeRequest(tags: [key("t")]),
        ] {
            let directory = TemporaryStoreDirectory()
            let store = try SegmentStore.open(directory: directory.path)
            defer { store.close() }
            for name in names {
                _ = await stored(store, name, body(name, 20_000)) { $0.tags = name == "/vx" ? [] : [key("t")] }
            }
            let reader = try store.makeReader()
            let late = store.beginObject(key: key("/v\u{0}s 4"), fence: store.currentFence)
            let receipt = try store.purge(request)
            let left = names.filter { reader.lookup(key: key($0)) != nil }
            #expect(left == (request.prefixes.isEmpty ? ["/vx"] : []))
            let outcome = await withCheckedContinuation { continuation in
                var metadata = ObjectMetadata()
                metadata.tags = [key("t")]
                late.finish(metadata) { continuation.resume(returning: $0) }
            }
            #expect(outcome == .purged, "a slice that was on its way")
            while store.purgeStatus(receipt.sequence)?.isComplete != true { await store.settle() }
            #expect(store.purgeStatus(receipt.sequence)?.objects == names.count - left.count)
        }
    }
}
