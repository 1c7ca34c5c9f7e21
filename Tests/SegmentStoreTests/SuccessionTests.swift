import Testing

@testable import SegmentStore

/// A binary upgrade: the old process keeps reading while the new one writes.
@Suite struct SuccessionTests {
    private func filled(_ directory: TemporaryStoreDirectory) async throws -> SegmentStore {
        let store = try SegmentStore.open(directory: directory.path)
        for name in ["a", "b", "c"] { _ = await stored(store, name, body(name, 600_000)) }
        return store
    }

    @Test func `a released store reads, stores nothing and purges nothing`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        let writer = store.beginObject(key: key("late"), fence: store.currentFence)
        _ = writer.append(body("late", 300_000))
        store.releaseForSuccessor()
        store.releaseForSuccessor()
        let reader = try store.makeReader()
        #expect(reader.body("a") == body("a", 600_000))
        let outcome = await withCheckedContinuation { continuation in
            writer.finish(ObjectMetadata()) { continuation.resume(returning: $0) }
        }
        #expect(outcome == .failed(SegmentStore.closedError))
        #expect(throws: SegmentStore.closedError) { try store.purge(PurgeRequest(all: true)) }
        store.close()
        #expect(contents(directory.path + "/" + StoreState.fileName)?.starts(with: key("handed ")) == true)
    }

    private func resumed(_ directory: TemporaryStoreDirectory) async throws {
        let store = try await filled(directory)
        let reader = try store.makeReader()
        store.releaseForSuccessor()
        try store.resumeAsWriter()
        guard case .stored = await stored(store, "d", body("d", 300_000)) else {
            Issue.record("not stored after resuming")
            return
        }
        #expect(reader.body("d") == body("d", 300_000))
        try store.purge(PurgeRequest(urls: [key("a")]))
        #expect(reader.lookup(key: key("a")) == nil)
        #expect(throws: SegmentStore.closedError) { try store.resumeAsWriter() }
        store.close()
    }

    @Test func `a store whose successor did not come writes again`() async throws {
        let directory = TemporaryStoreDirectory()
        try await resumed(directory)
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        #expect(reader.body("d") == body("d", 300_000))
        #expect(reader.lookup(key: key("a")) == nil)
    }

    @Test func `look-ups of the old process obey the journal of the new one`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        let reader = try store.makeReader()
        store.releaseForSuccessor()
        #expect(reader.lookup(key: key("a")) != nil)
        // What a successor appends, entry by entry.
        let path = directory.path + "/" + PurgeLedger.fileName
        let before = try #require(contents(path))
        let entry = PurgeJournal.encode(
            .init(sequence: PurgeSequence(rawValue: 1), request: PurgeRequest(urls: [key("a")])))
        write(before + entry.dropLast(2), path)
        #expect(reader.lookup(key: key("a")) != nil, "half an entry was not acknowledged")
        write(before + entry, path)
        #expect(reader.lookup(key: key("a")) == nil)
        #expect(reader.lookup(key: key("b")) != nil)
        #expect(reader.verdict(fence: .zero, key: key("a"), tags: []) == .hidden)
        store.close()
    }

    @Test func `they also obey what the new one writes into the journal's room, and a journal that takes its place`()
        async throws
    {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        defer { store.close() }
        let reader = try store.makeReader()
        store.releaseForSuccessor()
        let successor = try StoreDirectory(path: directory.path)
        func purge(_ number: UInt64, _ name: String) -> [UInt8] {
            PurgeJournal.encode(
                .init(sequence: PurgeSequence(rawValue: number), request: PurgeRequest(urls: [key(name)])))
        }
        func journal() throws -> PurgeJournalFile {
            try PurgeJournalFile(
                replacing: PurgeLedger.fileName, in: successor,
                with: PurgeJournal.encode(sequence: .zero, entries: []), hasRoom: true)
        }
        let first = try journal()
        #expect(["a", "b", "c"].allSatisfy { reader.lookup(key: key($0)) != nil })
        let length = contents(directory.path + "/" + PurgeLedger.fileName)?.count
        try first.append(purge(1, "a"))
        #expect(["a", "b", "c"].map { reader.lookup(key: key($0)) != nil } == [false, true, true])
        try first.append(purge(2, "b"))
        #expect(["a", "b", "c"].map { reader.lookup(key: key($0)) != nil } == [false, false, true])
        #expect(contents(directory.path + "/" + PurgeLedger.fileName)?.count == length)
        try journal().append(purge(3, "c"))
        #expect(reader.lookup(key: key("c")) == nil)
    }
}
