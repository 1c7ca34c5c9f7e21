import Testing

@testable import SegmentStore

/// A store is ready before its writer knows what is in it.
@Suite struct LoadTests {
    private func options(_ log: EventLog = EventLog(), objects: Int = 1 << 16) -> SegmentStoreOptions {
        var options = SegmentStoreOptions()
        options.capacityBytes = 256 << 20
        options.maxObjects = objects
        options.onEvent = { log.add($0) }
        return options
    }

    /// More records than the opening thread loads itself.
    private let count = 20_000

    private func filled(_ directory: TemporaryStoreDirectory, objects: Int = 1 << 16) async throws {
        let store = try SegmentStore.open(directory: directory.path, options: options(objects: objects))
        for index in 0..<count {
            let writer = store.beginObject(key: key("\(index)"), fence: store.currentFence)
            _ = writer.append(key("body \(index)"))
            writer.finish(ObjectMetadata()) { _ in }
            if index % 2_000 == 0 { await store.settle() }
        }
        await store.settle()
        #expect(store.statistics.objects == count)
        store.close()
    }

    @Test func `what was stored is served and replaced before all of it is loaded`() async throws {
        let directory = TemporaryStoreDirectory()
        try await filled(directory)
        let gate = Gate()
        var options = options()
        options.beforeWriting = { gate.wait() }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        #expect(store.statistics.objects == count)
        #expect(store.statistics.unloadedObjects > 0)
        let reader = try store.makeReader()
        for index in 0..<count { #expect(reader.body("\(index)") == key("body \(index)")) }
        // Replaced, removed, purged and new, all of it before the rest is known.
        async let outcomes = (
            stored(store, "7", key("new 7")), stored(store, "19999", body("19999", 300_000)),
            stored(store, "fresh", key("fresh"))
        )
        store.remove(try #require(reader.lookup(key: key("11"))))
        try store.purge(PurgeRequest(urls: [key("12")]))
        gate.open()
        for outcome in [await outcomes.0, await outcomes.1, await outcomes.2] {
            guard case .stored = outcome else {
                Issue.record("not stored: \(outcome)")
                return
            }
        }
        while store.statistics.unloadedObjects > 0 { await store.settle() }
        while store.purgeStatus(PurgeSequence(rawValue: 1))?.isComplete != true { await store.settle() }
        await store.settle()
        #expect(store.statistics.objects == count + 1 - 2)
        #expect(reader.body("7") == key("new 7"))
        #expect(reader.body("19999") == body("19999", 300_000))
        #expect(reader.lookup(key: key("11")) == nil && reader.lookup(key: key("12")) == nil)
        let all = (0..<count).filter { ![7, 11, 12, 19_999].contains($0) }
        for index in all { #expect(reader.body("\(index)") == key("body \(index)")) }
    }

    @Test func `an index that is full makes room although its slots are not known yet`() async throws {
        let directory = TemporaryStoreDirectory()
        try await filled(directory, objects: count)
        let store = try SegmentStore.open(directory: directory.path, options: options(objects: count))
        defer { store.close() }
        guard case .stored = await stored(store, "one more", key("one more")) else {
            Issue.record("the full index took nothing")
            return
        }
        while store.statistics.unloadedObjects > 0 { await store.settle() }
        #expect(store.statistics.objects == count)
        #expect(try store.makeReader().body("one more") == key("one more"))
    }

    @Test func `a limit that shrank drops what has no place any more`() async throws {
        let directory = TemporaryStoreDirectory()
        try await filled(directory)
        let store = try SegmentStore.open(directory: directory.path, options: options(objects: 5_000))
        defer { store.close() }
        while store.statistics.unloadedObjects > 0 { await store.settle() }
        _ = await stored(store, "new", key("new"))
        #expect(store.statistics.objects <= 5_000)
        #expect(try store.makeReader().body("new") == key("new"))
    }
}
