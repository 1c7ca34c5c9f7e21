import Glibc
import Synchronization
import Testing

@testable import SegmentStore

/// A chunk that is not in memory is not waited for.
@Suite struct ResidencyTests {
    /// What the kernel would say, and how often it is asked.
    private final class Kernel: Sendable {
        let isResident = Atomic<Bool>(true)
        let questions = Atomic<Int>(0)

        func answer() -> Bool {
            questions.add(1, ordering: .relaxed)
            return isResident.load(ordering: .relaxed)
        }
    }

    private func read(_ reader: StoreReader, _ object: StoredObject, _ index: Int) -> ChunkLoan<[UInt8]> {
        reader.withResidentChunk(of: object, index: index) { [UInt8]($0) }
    }

    @Test func `a cold chunk is lent once its pages are there, and the kernel is not asked at every hit`() async throws
    {
        let directory = TemporaryStoreDirectory()
        let kernel = Kernel()
        var options = SegmentStoreOptions()
        options.isResident = { _ in kernel.answer() }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let bytes = body("a", 300_000)
        _ = await stored(store, "a", bytes)
        let reader = try store.makeReader()
        let object = try #require(reader.lookup(key: key("a")))
        kernel.isResident.store(false, ordering: .relaxed)
        for index in 0..<object.chunkCount {
            guard case .cold(let chunk) = read(reader, object, index) else {
                Issue.record("chunk \(index) is not cold")
                return
            }
            chunk.read()
        }
        #expect(reader.body(of: object) == bytes, "who may wait gets them all the same")
        kernel.isResident.store(true, ordering: .relaxed)
        let before = kernel.questions.load(ordering: .relaxed)
        for _ in 0..<1_000 {
            guard case .lent(let first) = read(reader, object, 0), case .lent(let second) = read(reader, object, 1)
            else {
                Issue.record("not lent")
                return
            }
            #expect(first + second == bytes)
        }
        // Once for each chunk and period; a thousand rounds take less than a minute.
        #expect(kernel.questions.load(ordering: .relaxed) - before <= 16)
    }

    @Test func `inline bodies and chunks that are gone are never cold`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.isResident = { _ in false }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        _ = await stored(store, "small", body("small", 300))
        _ = await stored(store, "large", body("large", 300_000))
        let reader = try store.makeReader()
        let large = try #require(reader.lookup(key: key("large")))
        let small = try #require(reader.lookup(key: key("small")))
        guard case .lent(let bytes) = read(reader, small, 0) else {
            Issue.record("an inline body is cold")
            return
        }
        #expect(bytes == body("small", 300))
        store.remove(large)
        await store.settle()
        guard case .gone = read(reader, large, 0), case .gone = read(reader, large, 9) else {
            Issue.record("a chunk that is gone is not")
            return
        }
    }

    @Test func `a committed chunk of a running fill may be cold as well`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.isResident = { _ in false }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let writer = store.beginObject(key: key("a"), fence: store.currentFence)
        _ = writer.append(body("a", 600_000))
        await store.settle()
        let reader = try store.makeReader()
        let loan = reader.withResidentCommittedChunk(
            of: writer.id, index: 0, byteCount: StoredObject.chunkBytes, { [UInt8]($0) })
        guard case .cold(let chunk) = loan else {
            Issue.record("not cold")
            return
        }
        chunk.read()
        #expect(
            reader.withCommittedChunk(of: writer.id, index: 0) { [UInt8]($0) }
                == Array(body("a", 600_000)[..<StoredObject.chunkBytes]))
    }

    /// Page faults of this thread that waited for the disk.
    private func majorFaults() -> Int {
        var usage = rusage()
        let thisThread: Int32 = 1
        getrusage(thisThread, &usage)
        return usage.ru_majflt
    }

    @Test func `asking for chunks of a file that the kernel has forgotten waits for no disk`() async throws {
        let directory = TemporaryStoreDirectory()
        let count = 8 * StoredObject.chunkBytes
        let bytes = body("a", count)
        do {
            let store = try SegmentStore.open(directory: directory.path)
            _ = await stored(store, "a", bytes)
            store.close()
        }
        // A new map has no page of the file in use, so the kernel may forget them all.
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        let reader = try store.makeReader()
        let object = try #require(reader.lookup(key: key("a")))
        // Where the chunks are is in memory: one of them has been asked for.
        _ = read(reader, object, 0)
        let path = directory.shardFile(SizeClass.pages64.fileName)
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        let isForgotten = isForgotten(descriptor)
        // No `await` from here on: the thread that is counted must be the thread that asks. What was in memory is not
        // counted, for the kernel also calls it a major fault when it had to wait for another thread's mapping.
        var (coldChunks, faults, whole) = (0, 0, [UInt8]())
        // From the last to the first, so that reading one does not bring the next one along.
        for index in (0..<object.chunkCount).reversed() {
            let before = majorFaults()
            var loan = read(reader, object, index)
            if case .cold(let chunk) = loan {
                coldChunks += 1
                faults += majorFaults() - before
                chunk.read()
                loan = read(reader, object, index)
            }
            if case .lent(let part) = loan { whole = part + whole }
        }
        #expect(whole == bytes)
        #expect(faults == 0)
        #expect((coldChunks > 0) == isForgotten, "\(coldChunks) of \(object.chunkCount) chunks were cold")
    }

    /// Whether some page of the file is not in memory; a file system that is memory itself forgets none.
    private func isForgotten(_ descriptor: Int32) -> Bool {
        let count = Int(lseek(descriptor, 0, SEEK_END)) / 4_096 * 4_096
        guard let map = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), map != MAP_FAILED else { return false }
        defer { munmap(map, count) }
        var states = [UInt8](repeating: 1, count: count / 4_096)
        return mincore(map, count, &states) == 0 && states.contains { $0 & 1 == 0 }
    }
}
