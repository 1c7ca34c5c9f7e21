import Testing

@testable import SegmentStore

@Suite struct PurgeTests {
    private func filled(_ directory: TemporaryStoreDirectory, _ log: EventLog = EventLog()) async throws -> SegmentStore
    {
        var options = SegmentStoreOptions()
        options.onEvent = { log.add($0) }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        for (name, tag, size) in [
            ("h/media/1/a", "video:1", 300_000), ("h/media/1/b", "video:1", 100), ("h/media/2/a", "video:2", 100),
        ] {
            _ = await stored(store, name, body(name, size)) { $0.tags = [key(tag)] }
        }
        return store
    }

    private func visible(_ reader: StoreReader) -> [String] {
        ["h/media/1/a", "h/media/1/b", "h/media/2/a"].filter { reader.lookup(key: key($0)) != nil }
    }

    @Test(arguments: [
        (PurgeRequest(urls: [key("h/media/1/a")]), ["h/media/1/b", "h/media/2/a"], 300_000),
        (PurgeRequest(prefixes: [key("h/media/1/")]), ["h/media/2/a"], 300_100),
        (PurgeRequest(tags: [key("video:2")]), ["h/media/1/a", "h/media/1/b"], 100),
        (PurgeRequest(all: true), [], 300_200),
    ])
    func `a purge hides at once and is reclaimed soon`(
        _ request: PurgeRequest, _ expected: [String], _ bytes: Int
    ) async throws {
        let directory = TemporaryStoreDirectory()
        let log = EventLog()
        let store = try await filled(directory, log)
        defer { store.close() }
        let reader = try store.makeReader()
        #expect(visible(reader).count == 3)
        var published: PurgeSequence?
        let receipt = try store.purge(request) { published = $0 }
        #expect(published == receipt.sequence)
        #expect(visible(reader) == expected)
        while store.purgeStatus(receipt.sequence)?.isComplete != true { await store.settle() }
        await store.settle()
        let status = try #require(store.purgeStatus(receipt.sequence))
        #expect(status.request == request)
        #expect(status.objects == 3 - expected.count)
        #expect(status.bytes == bytes)
        #expect(store.statistics.objects == expected.count)
        #expect(store.statistics.bodyBytes == 300_200 - bytes)
        #expect(visible(reader) == expected)
        #expect(log.all.contains(.purgeReclaimed(status)))
        #expect(store.purges.snapshot().table.newest == .zero, "a settled purge costs look-ups nothing")
    }

    @Test func `a soft purge marks stale and keeps the bytes`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        let reader = try store.makeReader()
        let receipt = try store.purge(PurgeRequest(tags: [key("video:1")], soft: true))
        func check(_ reader: StoreReader) throws {
            let stale = try #require(reader.lookup(key: key("h/media/1/a")))
            #expect(stale.softPurged && !stale.isFresh(at: 0))
            #expect(reader.body(of: stale) == body("h/media/1/a", 300_000))
            #expect(try #require(reader.lookup(key: key("h/media/2/a"))).isFresh(at: 0))
        }
        try check(reader)
        while store.purgeStatus(receipt.sequence)?.isComplete != true { await store.settle() }
        #expect(store.purgeStatus(receipt.sequence)?.objects == 2)
        try check(reader)
        // A revalidation makes it fresh again.
        let stale = try #require(reader.lookup(key: key("h/media/1/a")))
        var metadata = ObjectMetadata()
        metadata.freshUntil = 50
        let outcome = await withCheckedContinuation { continuation in
            store.refresh(stale, fence: store.currentFence, metadata: metadata) { continuation.resume(returning: $0) }
        }
        #expect(outcome == .stored(stale.id))
        #expect(try #require(reader.lookup(key: key("h/media/1/a"))).isFresh(at: 49))
        store.close()
    }

    @Test func `a fill that began before a purge is not stored, one that began after it is`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let before = store.currentFence
        let receipt = try store.purge(PurgeRequest(tags: [key("video:1")]))
        #expect(await stored(store, "a", body("a", 300_000), fence: before) { $0.tags = [key("video:1")] } == .purged)
        let reader = try store.makeReader()
        #expect(reader.lookup(key: key("a")) == nil)
        await store.settle()
        #expect(store.statistics.usedBytes == 0)
        let outcome = await stored(store, "a", body("a", 300_000), fence: receipt.sequence) {
            $0.tags = [key("video:1")]
        }
        guard case .stored = outcome else {
            Issue.record("a new fill was refused: \(outcome)")
            return
        }
        #expect(reader.body("a") == body("a", 300_000))
    }

    @Test func `a purge during a fill catches it however late it ends`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let running = store.beginObject(key: key("a"), fence: store.currentFence)
        let other = store.beginObject(key: key("b"), fence: store.currentFence)
        _ = running.append(body("a", 400_000))
        let receipt = try store.purge(PurgeRequest(urls: [key("a")]))
        while store.purgeStatus(receipt.sequence)?.isComplete != true { await store.settle() }
        let outcome = await withCheckedContinuation { continuation in
            running.finish(ObjectMetadata()) { continuation.resume(returning: $0) }
        }
        #expect(outcome == .purged)
        _ = other.append([1])
        let untouched = await withCheckedContinuation { continuation in
            other.finish(ObjectMetadata()) { continuation.resume(returning: $0) }
        }
        #expect(untouched == .stored(other.id))
        await store.settle()
        #expect(store.purges.snapshot().table.newest == .zero, "with the last old fill the entry goes")
        // A fill nobody announced, older than a purge nobody remembers: it could be anything.
        #expect(await stored(store, "c", [1], fence: .zero) == .purged)
    }

    @Test func `a revalidation cannot bring back what a purge hides`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        defer { store.close() }
        let object = try #require(try store.makeReader().lookup(key: key("h/media/1/b")))
        let gate = Gate()
        store.whenWritten { gate.wait() }
        // Both reach the writer before the sweeper does.
        let receipt = try store.purge(PurgeRequest(tags: [key("video:1")]))
        let outcome = await withCheckedContinuation { continuation in
            store.refresh(object, fence: receipt.sequence, metadata: ObjectMetadata()) {
                continuation.resume(returning: $0)
            }
            gate.open()
        }
        #expect(outcome == .purged || outcome == .gone)
        #expect(try store.makeReader().lookup(key: key("h/media/1/b")) == nil)
    }

    @Test func `a soft purge during a fill stores it as stale`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let running = store.beginObject(key: key("a"), fence: store.currentFence)
        _ = running.append([1, 2])
        try store.purge(PurgeRequest(all: true, soft: true))
        await withCheckedContinuation { continuation in
            var metadata = ObjectMetadata()
            metadata.freshUntil = 100
            running.finish(metadata) { _ in continuation.resume() }
        }
        let reader = try store.makeReader()
        #expect(try #require(reader.lookup(key: key("a"))).softPurged)
    }

    @Test func `a reader can ask whether a running fill may still be joined`() throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        let writer = store.beginObject(key: key("h/a\u{0}gzip"), fence: store.currentFence)
        func verdict() -> PurgeVerdict {
            reader.verdict(fence: writer.fence, key: key("h/a\u{0}gzip"), tags: [key("video:1")])
        }
        #expect(verdict() == .untouched)
        try store.purge(PurgeRequest(urls: [key("h/b")]))
        #expect(verdict() == .untouched)
        try store.purge(PurgeRequest(tags: [key("video:1")], soft: true))
        #expect(verdict() == .stale)
        try store.purge(PurgeRequest(urls: [key("h/a")]))
        #expect(verdict() == .hidden)
    }

    @Test func `a purge is in force after the process is gone`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        let gate = Gate()
        store.whenWritten { gate.wait() }
        try store.purge(PurgeRequest(tags: [key("video:1")]))
        // What a killed process leaves at this moment: the purge, and nothing swept.
        let left = directory.copied()
        gate.open()
        store.close()
        let reopened = try SegmentStore.open(directory: left.path)
        defer { reopened.close() }
        #expect(visible(try reopened.makeReader()) == ["h/media/2/a"])
        #expect(reopened.currentFence.rawValue == 1)
        while reopened.purgeStatus(PurgeSequence(rawValue: 1))?.isComplete != true { await reopened.settle() }
        #expect(reopened.purgeStatus(PurgeSequence(rawValue: 1))?.objects == 2)
    }

    @Test func `purges beyond the journal's room are in force after the process is gone`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try await filled(directory)
        let hold = store.beginObject(key: key("hold"), fence: store.currentFence)
        for number in 0..<8 {
            try store.purge(
                PurgeRequest(urls: (0..<1_000).map { key("h/\(number)/\($0)/" + String(repeating: "x", count: 90)) }))
        }
        try store.purge(PurgeRequest(tags: [key("video:1")]))
        let left = directory.copied()
        hold.abort()
        store.close()
        let reopened = try SegmentStore.open(directory: left.path)
        defer { reopened.close() }
        #expect(visible(try reopened.makeReader()) == ["h/media/2/a"])
        #expect(reopened.currentFence.rawValue == 9)
    }

    @Test(arguments: [false, true])
    func `what a purge has reclaimed is known after a restart, clean or not`(isKilled: Bool) async throws {
        let directory = TemporaryStoreDirectory()
        let (hard, soft) = (PurgeSequence(rawValue: 1), PurgeSequence(rawValue: 2))
        var before: [PurgeStatus?] = []
        var left = directory
        do {
            let store = try SegmentStore.open(directory: directory.path)
            for number in 0..<1_300 { _ = await stored(store, "h/\(number % 2)/\(number)", [1, 2, 3]) }
            try store.purge(PurgeRequest(prefixes: [key("h/0/")]))
            try store.purge(PurgeRequest(prefixes: [key("h/1/")], soft: true))
            while store.purgeStatus(soft)?.isComplete != true { await store.settle() }
            before = [hard, soft].map { store.purgeStatus($0) }
            if isKilled { left = directory.copied() }
            store.close()
        }
        #expect(before.map { $0?.objects } == [650, 650] && before.map { $0?.bytes } == [1_950, 1_950])
        let store = try SegmentStore.open(directory: left.path)
        defer { store.close() }
        while [hard, soft].contains(where: { store.purgeStatus($0)?.isComplete != true }) { await store.settle() }
        #expect([hard, soft].map { store.purgeStatus($0) } == before)
    }

    @Test func `a purge of more than is flushed at once is settled for good`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        for number in 0..<600 { _ = await stored(store, "h/\(number)", body("h/\(number)", 8_000)) }
        #expect(store.statistics.indexBytes > 4 << 20)
        let receipt = try store.purge(PurgeRequest(prefixes: [key("h/")]))
        _ = await stored(store, "kept", [1])
        while store.purgeStatus(receipt.sequence)?.isComplete != true { await store.settle() }
        #expect(store.purgeStatus(receipt.sequence)?.objects == 600)
        let left = directory.copied()
        write(StoreState(bootIdentity: "another", end: .running).bytes, left.path + "/" + StoreState.fileName)
        store.close()
        let reopened = try SegmentStore.open(directory: left.path)
        defer { reopened.close() }
        let reader = try reopened.makeReader()
        #expect((0..<600).allSatisfy { reader.lookup(key: key("h/\($0)")) == nil })
        #expect(reader.lookup(key: key("kept")) != nil)
    }

    @Test func `the order goes on where it stopped`() async throws {
        let directory = TemporaryStoreDirectory()
        do {
            let store = try await filled(directory)
            try store.purge(PurgeRequest(all: true))
            try store.purge(PurgeRequest(all: true))
            _ = await stored(store, "new", [1])
            store.close()
        }
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        #expect(store.currentFence.rawValue == 2)
        #expect(try store.makeReader().lookup(key: key("new")) != nil)
    }

    @Test(arguments: ["removed", "cut", "damaged"])
    func `a journal that lost purges hides everything older`(_ damage: String) async throws {
        let directory = TemporaryStoreDirectory()
        do {
            let store = try await filled(directory)
            let hold = store.beginObject(key: key("hold"), fence: store.currentFence)
            try store.purge(PurgeRequest(urls: [key("nothing")]))
            _ = await stored(store, "late", [1])
            store.close()
            hold.abort()
        }
        let path = directory.path + "/" + PurgeLedger.fileName
        let bytes = try #require(contents(path))
        switch damage {
        case "removed": write([], path)
        case "cut": write(Array(bytes.dropLast(3)), path)
        default: write(bytes.dropLast() + [bytes[bytes.count - 1] ^ 1], path)
        }
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        #expect(visible(reader) == [])
        #expect(reader.lookup(key: key("late")) == nil)
        #expect(store.currentFence.rawValue == 2)
    }

    @Test func `an empty or endless prefix is refused`() throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        #expect(throws: StoreError.self) { try store.purge(PurgeRequest(prefixes: [[]])) }
        #expect(throws: StoreError.self) { try store.purge(PurgeRequest(prefixes: [body("x", 1_025)])) }
        #expect(store.currentFence == .zero)
    }
}
