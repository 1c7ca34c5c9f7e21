import Bytes
import Glibc
import Testing

@testable import SegmentStore

@Suite struct TrustTests {
    private let sizes = ["empty": 0, "small": 500, "tail": 300_000, "two": 524_256, "medium": 40_000]

    /// A closed store with a few objects in it.
    private func filled() async throws -> TemporaryStoreDirectory {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        for (name, size) in sizes { _ = await stored(store, name, body(name, size)) }
        store.close()
        return directory
    }

    /// Pretends that the process was killed, on this boot or on another.
    private func crash(_ directory: TemporaryStoreDirectory, boot: String = "another") {
        write(StoreState(bootIdentity: boot, end: .running).bytes, directory.path + "/" + StoreState.fileName)
    }

    private func options(_ log: EventLog = EventLog()) -> SegmentStoreOptions {
        var options = SegmentStoreOptions()
        options.onEvent = { log.add($0) }
        return options
    }

    /// Names whose bodies come back whole; records an issue if any comes back wrong.
    private func served(_ store: SegmentStore) throws -> Set<String> {
        let reader = try store.makeReader()
        var names: Set<String> = []
        for (name, size) in sizes {
            guard let bytes = reader.body(name) else { continue }
            if bytes != body(name, size) { Issue.record("\(name) has wrong bytes") }
            names.insert(name)
        }
        return names
    }

    @Test func `a store that was closed is as it was`() async throws {
        let directory = try await filled()
        let log = EventLog()
        let store = try SegmentStore.open(directory: directory.path, options: options(log))
        defer { store.close() }
        #expect(log.all == [.opened(objects: 5, shards: 1, trusted: true)])
        #expect(try served(store) == Set(sizes.keys))
        #expect(store.shards[0].verification == nil)
        #expect(store.statistics.objects == 5)
        #expect(store.statistics.bodyBytes == sizes.values.reduce(0, +))
    }

    @Test func `after a kill on the same boot everything committed is trusted`() async throws {
        let directory = try await filled()
        crash(directory, boot: StoreState.currentBoot())
        let log = EventLog()
        let store = try SegmentStore.open(directory: directory.path, options: options(log))
        defer { store.close() }
        await log.contains(.reconciled(shard: 0, dropped: 0, orphans: 0), from: store)
        #expect(try served(store) == Set(sizes.keys))
    }

    @Test func `after a power loss every chunk is verified once`() async throws {
        let directory = try await filled()
        crash(directory)
        let log = EventLog()
        let store = try SegmentStore.open(directory: directory.path, options: options(log))
        defer { store.close() }
        #expect(log.all.contains(.opened(objects: 5, shards: 1, trusted: false)))
        let object = try #require(try store.makeReader().lookup(key: key("two")))
        let table = try #require(store.shards[0].verification)
        #expect(!table.isVerified(object.id, slot: object.slot, chunk: 1))
        #expect(try served(store) == Set(sizes.keys))
        #expect(table.isVerified(object.id, slot: object.slot, chunk: 1))
        // What is stored from now on needs no verification.
        _ = await stored(store, "new", body("new", 300_000))
        let new = try #require(try store.makeReader().lookup(key: key("new")))
        #expect(table.isVerified(new.id, slot: new.slot, chunk: 0))
    }

    @Test func `a flipped bit in a chunk costs that object and no other`() async throws {
        let directory = try await filled()
        crash(directory)
        let path = directory.shardFile(SizeClass.pages64.fileName)
        var bytes = try #require(contents(path))
        let needle = Array(body("two", 524_256)[300_000..<300_032])
        let position = try #require(bytes.firstRange(of: needle)).lowerBound
        bytes[position] ^= 1
        write(bytes, path)
        let log = EventLog()
        let store = try SegmentStore.open(directory: directory.path, options: options(log))
        defer { store.close() }
        let reader = try store.makeReader()
        let damaged = try #require(reader.lookup(key: key("two")))
        #expect(reader.withChunk(of: damaged, index: 0) { $0.count } == SizeClass.chunkBytes)
        #expect(reader.withChunk(of: damaged, index: 1) { $0.count } == nil)
        await store.settle()
        #expect(reader.lookup(key: key("two")) == nil)
        #expect(try served(store) == Set(sizes.keys).subtracting(["two"]))
        #expect(store.statistics.checksumFailures == 1)
        #expect(log.all.contains(.checksumFailure(damaged.id)))
    }

    @Test func `verification can be asked for although the boot is the same`() async throws {
        let directory = try await filled()
        var options = options()
        options.verification = .always
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        #expect(store.shards[0].verification != nil)
        #expect(try served(store) == Set(sizes.keys))
    }

    @Test(arguments: [SizeClass.pages64.fileName, SizeClass.pages16.fileName, StoreEnvironments.indexName])
    func `a file that was cut off is noticed even on the same boot`(_ name: String) async throws {
        let directory = try await filled()
        let path = directory.shardFile(name)
        let bytes = try #require(contents(path))
        write(Array(bytes[..<(bytes.count / 2 / 4_096 * 4_096)]), path)
        let log = EventLog()
        let store = try SegmentStore.open(directory: directory.path, options: options(log))
        defer { store.close() }
        #expect(log.all.contains { if case .wiped(path, _) = $0 { true } else { false } })
        #expect(try served(store).count < sizes.count)
        guard case .stored = await stored(store, "new", body("new", 300_000)) else {
            Issue.record("the store does not work any more")
            return
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `no damaged page makes it crash or serve a wrong byte`() async throws {
        let directory = try await filled()
        crash(directory)
        var random = SystemRandomNumberGenerator()
        for name in [StoreEnvironments.indexName, SizeClass.pages64.fileName, SizeClass.pages16.fileName] {
            let good = try #require(contents(directory.shardFile(name)))
            let pages = good.count / 4_096
            // Every page that could belong to a tree; of the runs of values only some.
            for page in 0..<pages where page < 12 || page % 37 == 0 {
                var bytes = good
                let start = page * 4_096
                switch Int.random(in: 0..<3, using: &random) {
                case 0: for offset in 0..<4_096 { bytes[start + offset] = 0 }
                case 1: for offset in 0..<64 { bytes[start + offset] = UInt8.random(in: .min ... .max, using: &random) }
                default:
                    let other = Int.random(in: 0..<pages, using: &random) * 4_096
                    for offset in 0..<4_096 { bytes[start + offset] = good[other + offset] }
                }
                let image = directory.copied()
                write(bytes, image.shardFile(name))
                do {
                    let store = try SegmentStore.open(directory: image.path, options: options())
                    _ = try served(store)
                    _ = await stored(store, "new", body("new", 300_000))
                    #expect(try store.makeReader().body("new") == body("new", 300_000))
                    _ = try served(store)
                    store.close()
                } catch let error as StoreError {
                    #expect(error.code == .format, "\(name) page \(page): \(error)")
                }
            }
        }
    }

    @Test func `an image torn in the middle of writing is served right or not at all`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = options()
        options.capacityBytes = 16 << 20
        let store = try SegmentStore.open(directory: directory.path, options: options)
        let names = (0..<60).map { "\($0)" }
        async let writing: Void = {
            for name in names { _ = await stored(store, name, body(name, 400_000)) }
        }()
        var images: [TemporaryStoreDirectory] = []
        for _ in 0..<6 {
            await store.settle()
            images.append(directory.copied())
        }
        await writing
        store.close()
        for image in images {
            crash(image)
            let reopened = try SegmentStore.open(directory: image.path, options: options)
            let reader = try reopened.makeReader()
            for name in names {
                if let bytes = reader.body(name) { #expect(bytes == body(name, 400_000)) }
            }
            reopened.close()
        }
    }

    @Test func `chunks of a fill that never ended are deleted at opening`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        let writer = store.beginObject(key: key("a"), fence: store.currentFence)
        _ = writer.append(body("a", 600_000))
        _ = await stored(store, "b", body("b", 300_000))
        let image = directory.copied()
        writer.abort()
        store.close()
        let log = EventLog()
        let reopened = try SegmentStore.open(directory: image.path, options: options(log))
        defer { reopened.close() }
        await log.contains(.reconciled(shard: 0, dropped: 0, orphans: 2), from: store)
        #expect(try reopened.makeReader().body("b") == body("b", 300_000))
        let old = writer.id
        #expect(reopened.beginObject(key: key("c"), fence: .zero).id > old, "ids are never used twice")
    }

    @Test func `a record whose chunks are gone is dropped at its first use`() async throws {
        let directory = try await filled()
        // A clean end is believed, so nobody looks at opening.
        unlink(directory.shardFile(SizeClass.pages64.fileName))
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        let object = try #require(reader.lookup(key: key("two")))
        #expect(reader.withChunk(of: object, index: 0) { $0.count } == nil)
        await store.settle()
        #expect(reader.lookup(key: key("two")) == nil)
        #expect(reader.body("medium") == body("medium", 40_000))
        #expect(store.statistics.objects == 4)
    }

    @Test func `a second opening is refused and says by whom`() throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        let error = #expect(throws: StoreError.self) { try SegmentStore.open(directory: directory.path) }
        #expect(error?.code == .inUse)
        #expect(error?.description.contains(directory.path) == true)
        #expect(error?.description.contains("pid \(getpid())") == true)
        #expect(try store.makeReader().lookup(key: key("a")) == nil)
        store.close()
    }

    @Test func `options out of range are refused by name`() {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.capacityBytes = 1 << 20
        let error = #expect(throws: StoreError.self) {
            try SegmentStore.open(directory: directory.path, options: options)
        }
        #expect(error?.code == .options)
        #expect(error?.description.contains("capacityBytes is 1048576; it must be from 4 MiB") == true)
        #expect(directory.names().isEmpty)
    }

    @Test func `a closed store refuses and does not trap`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        _ = await stored(store, "a", [1])
        let reader = try store.makeReader()
        store.close()
        store.close()
        #expect(reader.body("a") == [1], "readers go on")
        #expect(await stored(store, "b", body("b", 300_000)) == .failed(SegmentStore.closedError))
        #expect(throws: SegmentStore.closedError) { try store.purge(PurgeRequest(all: true)) }
        #expect(!store.whenWritten {})
    }
}
