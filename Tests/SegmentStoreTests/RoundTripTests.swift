import Bytes
import Synchronization
import Testing

@testable import SegmentStore

@Suite struct RoundTripTests {
    @Test(arguments: [0, 1, 8_192, 8_193, 100_000, 262_127, 262_128, 262_129, 3 << 20])
    func `a body of any size comes back byte for byte`(_ size: Int) async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let bytes = body("a", size)
        let outcome = await stored(store, "a", bytes, expectedLength: size) { metadata in
            metadata.status = 206
            metadata.flags = ObjectFlags(rawValue: 5)
            metadata.tags = [key("video:1"), key("video:2")]
            metadata.annotation = key("note")
            metadata.storedAt = 7
            metadata.freshUntil = 8
            metadata.staleIfErrorUntil = 9
            metadata.staleWhileRevalidateUntil = 10
        }
        let reader = try store.makeReader()
        let object = try #require(reader.lookup(key: key("a")))
        #expect(outcome == .stored(object.id))
        #expect(object.length == size)
        #expect(object.status == 206)
        #expect(object.flags == ObjectFlags(rawValue: 5))
        #expect([object.storedAt, object.freshUntil, object.staleIfErrorUntil] == [7, 8, 9])
        #expect(object.staleWhileRevalidateUntil == 10)
        #expect(object.isFresh(at: 7) && !object.isFresh(at: 8))
        #expect([UInt8](reader.head(of: object)) == key("HTTP/1.1 200 OK\r\nX-Name: a\r\n"))
        #expect([UInt8](reader.etag(of: object)) == key("\"a\""))
        #expect([UInt8](reader.annotation(of: object)) == key("note"))
        #expect(reader.tags(of: object) == [key("video:1"), key("video:2")])
        #expect(reader.body(of: object) == bytes)
        #expect(reader.withChunk(of: object, index: object.chunkCount) { _ in true } == nil)
    }

    @Test(arguments: [100, 300_000])
    func `fills of one object that end at the same moment leave one of them, and the slots stay right`(
        bytes: Int
    ) async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        // While the writer is held up, everything that ends joins one transaction.
        let gate = Gate()
        store.whenWritten { gate.wait() }
        let writers = (0..<3).map { _ in store.beginObject(key: key("same"), fence: store.currentFence) }
        for (number, writer) in writers.enumerated() {
            _ = writer.append(body("version \(number)", bytes))
            writer.finish(ObjectMetadata()) { _ in }
        }
        gate.open()
        await store.settle()
        #expect(reader.body("same") == body("version 2", bytes))
        for number in 0..<8 {
            guard case .stored = await stored(store, "other \(number)", body("other \(number)", bytes)) else {
                Issue.record("object \(number) was not stored")
                continue
            }
        }
        await store.settle()
        #expect(store.statistics.objects == 9)
        for number in 0..<8 { #expect(reader.body("other \(number)") == body("other \(number)", bytes)) }
        #expect(reader.body("same") == body("version 2", bytes))
    }

    @Test func `another key is a miss`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        _ = await stored(store, "a", [1])
        let reader = try store.makeReader()
        #expect(reader.lookup(key: key("b")) == nil)
        #expect(reader.lookup(key: []) == nil)
    }

    @Test func `a body of another length than announced is not stored`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        #expect(
            await stored(store, "short", body("short", 300_000), expectedLength: 300_001)
                == .lengthMismatch(announced: 300_001, received: 300_000))
        #expect(
            await stored(store, "long", body("long", 300_000), expectedLength: 299_999)
                == .lengthMismatch(announced: 299_999, received: 300_000))
        await store.settle()
        let reader = try store.makeReader()
        #expect(reader.lookup(key: key("short")) == nil)
        #expect(reader.lookup(key: key("long")) == nil)
        #expect(store.statistics.usedBytes == 0)
        #expect(store.statistics.dropped == 2)
    }

    @Test func `a body with another checksum than announced is not stored`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let bytes = body("a", 300_000)
        let sum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        #expect(await stored(store, "wrong", bytes, expectedCRC32C: sum ^ 1) == .checksumMismatch)
        guard case .stored = await stored(store, "right", bytes, expectedCRC32C: sum) else {
            Issue.record("the right checksum was refused")
            return
        }
    }

    @Test func `the newest body replaces the older and frees its chunks`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        _ = await stored(store, "a", body("old", 600_000))
        let reader = try store.makeReader()
        let old = try #require(reader.lookup(key: key("a")))
        _ = await stored(store, "a", body("new", 300_000))
        await store.settle()
        #expect(reader.body("a") == body("new", 300_000))
        #expect(reader.withChunk(of: old, index: 0) { _ in true } == nil)
        #expect(store.statistics.objects == 1)
        #expect(store.statistics.usedBytes == SizeClass.pages(ofLength: 300_000) * 4_096)
    }

    @Test func `a small body comes with its look-up, whatever becomes of the object`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        _ = await stored(store, "a", body("old", 1_000))
        let reader = try store.makeReader()
        let old = try #require(reader.lookup(key: key("a")))
        _ = await stored(store, "a", body("new", 1_000))
        await store.settle()
        #expect(reader.body(of: old) == body("old", 1_000))
        #expect(reader.body("a") == body("new", 1_000))
        #expect(reader.body(of: old) == nil, "the next look-up has taken its place, and in the store it is gone")
    }

    @Test func `one reader serves the small body that another looked up`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        _ = await stored(store, "a", body("a", 1_000))
        _ = await stored(store, "b", body("b", 1_000))
        let (finder, other) = (try store.makeReader(), try store.makeReader())
        let found = try #require(finder.lookup(key: key("a")))
        _ = other.lookup(key: key("b"))
        #expect(other.body(of: found) == body("a", 1_000))
    }

    @Test func `an aborted fill leaves nothing`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        do {
            let writer = store.beginObject(key: key("a"), fence: store.currentFence)
            #expect(writer.append(body("a", 1 << 20)) == .more)
        }
        await store.settle()
        #expect(try store.makeReader().lookup(key: key("a")) == nil)
        #expect(store.statistics.usedBytes == 0)
    }

    @Test func `whole chunks of a running fill can be read`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let writer = store.beginObject(key: key("a"), fence: store.currentFence)
        let bytes = body("a", 700_000)
        _ = writer.append(bytes)
        await store.settle()
        #expect(writer.committedChunks == 2)
        let reader = try store.makeReader()
        let second = reader.withCommittedChunk(of: writer.id, index: 1) { [UInt8]($0) }
        #expect(second == Array(bytes[SizeClass.chunkBytes..<2 * SizeClass.chunkBytes]))
        #expect(reader.withCommittedChunk(of: writer.id, index: 2) { _ in true } == nil)
        writer.abort()
    }

    @Test func `a filler hears of commits, and reads the last chunk by the body's number once it is stored`()
        async throws
    {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let bytes = body("a", 300_000)
        let calls = Mutex(0)
        let writer = store.beginObject(
            key: key("a"), fence: store.currentFence, onProgress: { calls.withLock { $0 += 1 } })
        _ = writer.append(bytes)
        await store.settle()
        #expect(calls.withLock { $0 } == 1)
        #expect(writer.committedChunks == 1 && writer.obstacle == nil)
        let id = writer.id
        await withCheckedContinuation { done in writer.finish(ObjectMetadata()) { _ in done.resume() } }
        let tail = try store.makeReader().withCommittedChunk(of: id, index: 1, byteCount: 300_000 - 262_128) {
            [UInt8]($0)
        }
        #expect(tail == Array(bytes[262_128...]))
    }

    @Test func `a filler hears that its object was dropped`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.mapBytes = 1 << 20
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let calls = Mutex(0)
        let writer = store.beginObject(
            key: key("a"), fence: store.currentFence, onProgress: { calls.withLock { $0 += 1 } })
        for piece in 0..<8 {
            _ = writer.append(body("\(piece)", 262_128))
            await store.settle()
        }
        #expect(calls.withLock { $0 } > 0)
        if case .failed = try #require(writer.obstacle) {} else { Issue.record("\(writer.obstacle as Any)") }
        writer.abort()
    }

    @Test func `new metadata keeps the body`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let bytes = body("a", 300_000)
        _ = await stored(store, "a", bytes)
        let reader = try store.makeReader()
        let object = try #require(reader.lookup(key: key("a")))
        var metadata = ObjectMetadata()
        metadata.head = key("HTTP/1.1 200 OK\r\n")
        metadata.freshUntil = 5_000
        let outcome = await withCheckedContinuation { continuation in
            store.refresh(object, fence: store.currentFence, metadata: metadata) { continuation.resume(returning: $0) }
        }
        #expect(outcome == .stored(object.id))
        let refreshed = try #require(reader.lookup(key: key("a")))
        #expect(refreshed.id == object.id)
        #expect(refreshed.freshUntil == 5_000)
        #expect([UInt8](reader.head(of: refreshed)) == metadata.head)
        #expect(reader.body(of: refreshed) == bytes)
        store.remove(refreshed)
        await store.settle()
        let again = await withCheckedContinuation { continuation in
            store.refresh(object, fence: store.currentFence, metadata: metadata) { continuation.resume(returning: $0) }
        }
        #expect(again == .gone)
    }

    @Test func `too much is refused and said so`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.maxObjectBytes = 1_000
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        #expect(await stored(store, "large", body("large", 1_001)) == .tooLarge)
        #expect(await stored(store, String(repeating: "k", count: 16_385), [1]) == .tooLarge)
        #expect(await stored(store, "head", [1]) { $0.head = body("head", 65_537) } == .tooLarge)
        #expect(await stored(store, "tags", [1]) { $0.tags = Array(repeating: [1], count: 129) } == .tooLarge)
    }

    @Test func `a filler that never pauses overruns the queue instead of the memory`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.queueBytes = 1 << 20
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let bytes = body("a", SizeClass.chunkBytes)
        var results: [AppendResult] = []
        // Holds the writer thread, so that the queue fills whatever the machine's speed.
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        store.whenWritten {
            enter.finish()
            gate.wait()
        }
        for await _ in entered {}
        let (resumed, resume) = AsyncStream.makeStream(of: Void.self)
        let writer = store.beginObject(key: key("a"), fence: store.currentFence, onResume: { resume.finish() })
        for _ in 0..<6 { results.append(writer.append(bytes)) }
        gate.open()
        #expect(results == [.more, .more, .pause, .pause, .dropped(.overrun), .dropped(.overrun)])
        for await _ in resumed {}
    }
}
