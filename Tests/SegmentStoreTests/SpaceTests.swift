import Glibc
import Synchronization
import Testing

@testable import SegmentStore

@Suite struct SpaceTests {
    private func options(_ capacity: Int, _ log: EventLog = EventLog()) -> SegmentStoreOptions {
        var options = SegmentStoreOptions()
        options.capacityBytes = capacity
        options.onEvent = { log.add($0) }
        return options
    }

    @Test func `below the reserve nothing grows, and new objects take the place of old ones`() async throws {
        let directory = TemporaryStoreDirectory()
        let log = EventLog()
        let free = Figure(1 << 40)
        var options = options(64 << 20, log)
        options.reserveBytes = 1 << 20
        options.freeBytes = { free.value }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        for index in 0..<60 { _ = await stored(store, "\(index)", body("\(index)", 500_000)) }
        await store.settle()
        let before = store.statistics
        #expect(before.evicted == 0)
        free.value = 1_000
        for index in 60..<100 {
            guard case .stored = await stored(store, "\(index)", body("\(index)", 500_000)) else {
                Issue.record("object \(index) found no room")
                return
            }
        }
        await store.settle()
        #expect(log.all.contains(.spaceLow(freeBytes: 1_000, reserveBytes: 1 << 20)))
        #expect(store.statistics.shardsOutOfSpace == 1)
        #expect(store.statistics.fileBytes <= before.fileBytes + 64 << 10)
        #expect(store.statistics.evicted > 30)
        let reader = try store.makeReader()
        #expect(reader.body("99") == body("99", 500_000))
        for index in 0..<100 {
            if let bytes = reader.body("\(index)") { #expect(bytes == body("\(index)", 500_000)) }
        }
        free.value = 1 << 40
        for index in 100..<140 { _ = await stored(store, "\(index)", body("\(index)", 500_000)) }
        await store.settle()
        #expect(log.all.contains(.spaceRecovered(freeBytes: 1 << 40)))
        #expect(store.statistics.shardsOutOfSpace == 0)
        #expect(store.statistics.fileBytes > before.fileBytes + 4 << 20)
    }

    @Test func `an empty store on a full disk refuses and says why`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = options(64 << 20)
        options.freeBytes = { 0 }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        guard case .failed(let error) = await stored(store, "a", body("a", 600_000)) else {
            Issue.record("it was stored")
            return
        }
        #expect(error.code == .full)
        #expect(error.description.contains("reserve"))
        await store.settle()
        // Whoever is told of the first refusal in time does not offer the other two pieces.
        #expect((1...3).contains(store.statistics.refusedChunks))
        #expect(store.statistics.fileBytes < 1 << 20)
        #expect(try store.makeReader().lookup(key: key("a")) == nil)
    }

    private func fill(_ directory: TemporaryStoreDirectory, _ names: Range<Int>, capacity: Int) async throws {
        let store = try SegmentStore.open(directory: directory.path, options: options(capacity))
        for index in names { _ = await stored(store, "\(index)", body("\(index)", 500_000)) }
        store.close()
    }

    @Test func `a smaller capacity evicts down to itself, a larger one grows again`() async throws {
        let directory = TemporaryStoreDirectory()
        try await fill(directory, 0..<60, capacity: 64 << 20)
        do {
            let store = try SegmentStore.open(directory: directory.path, options: options(16 << 20))
            defer { store.close() }
            while store.statistics.usedBytes > 16 << 20 { await store.settle() }
            let reader = try store.makeReader()
            for index in 0..<60 {
                if let bytes = reader.body("\(index)") { #expect(bytes == body("\(index)", 500_000)) }
            }
            #expect(store.statistics.objects > 15)
            for index in 60..<100 {
                guard case .stored = await stored(store, "\(index)", body("\(index)", 500_000)) else {
                    Issue.record("object \(index) found no room")
                    return
                }
                #expect(store.statistics.usedBytes <= 16 << 20)
            }
        }
        try await fill(directory, 100..<300, capacity: 48 << 20)
        let store = try SegmentStore.open(directory: directory.path, options: options(48 << 20))
        defer { store.close() }
        #expect(store.statistics.usedBytes > 32 << 20)
        #expect(store.statistics.usedBytes <= 48 << 20)
        #expect(try store.makeReader().body("299") == body("299", 500_000))
    }

    @Test func `readers beyond the table are refused by name and those that go make room`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = options(16 << 20)
        options.maxReaders = 8
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        var readers: [StoreReader] = []
        var refusal: StoreError?
        while refusal == nil, readers.count < 100 {
            do throws(StoreError) { readers.append(try store.makeReader()) } catch { refusal = error }
        }
        #expect(refusal?.code == .readersFull)
        #expect(readers.count >= 6)
        // The writer needs slots as well now and then, and goes on once there are some.
        readers.removeLast(4)
        #expect(try store.makeReader().lookup(key: key("a")) == nil)
        guard case .stored = await stored(store, "a", body("a", 300_000)) else {
            Issue.record("not stored")
            return
        }
        #expect(readers[0].body("a") == body("a", 300_000))
    }

    /// Root may mount; elsewhere the limit on file sizes plays the full disk (see `CrashTests`).
    static let mayMount = geteuid() == 0

    @Test(.enabled(if: mayMount), .timeLimit(.minutes(1)))
    func `a disk that is really full costs objects, and storing resumes when it is not`() async throws {
        let mountPoint = TemporaryStoreDirectory()
        guard mount("weir-test", mountPoint.path, "tmpfs", 0, "size=24m") == 0 else {
            // A container may forbid it even to root.
            #expect(errno == EPERM || errno == EACCES)
            return
        }
        defer { umount2(mountPoint.path, Int32(MNT_DETACH)) }
        let log = EventLog()
        var options = options(64 << 20, log)
        options.reserveBytes = 0
        options.indexCapacityBytes = 1 << 20
        let ballast = mountPoint.path + "/ballast"
        write(Array(repeating: 1, count: 8 << 20), ballast)
        let store = try SegmentStore.open(directory: mountPoint.path + "/cache", options: options)
        defer { store.close() }
        let reader = try store.makeReader()
        var failed = 0
        for index in 0..<60 {
            if case .failed = await stored(store, "\(index)", body("\(index)", 500_000)) { failed += 1 }
            if let bytes = reader.body("\(index)") { #expect(bytes == body("\(index)", 500_000)) }
        }
        #expect(failed > 0 && failed < 60)
        #expect(log.all.contains { if case .writeFailed = $0 { true } else { false } }, "\(log.all)")
        #expect(store.statistics.failedCommits > 0)
        unlink(ballast)
        var outcome = await stored(store, "after", body("after", 500_000))
        while store.statistics.shardsClosed > 0 {
            _ = reader.lookup(key: key("0"))
            outcome = await stored(store, "after", body("after", 500_000))
        }
        guard case .stored = outcome else {
            Issue.record("not stored after the disk had room again: \(outcome)")
            return
        }
        #expect(reader.body("after") == body("after", 500_000))
        for index in 0..<60 {
            if let bytes = reader.body("\(index)") { #expect(bytes == body("\(index)", 500_000)) }
        }
    }
}

/// A number that tasks may share.
private final class Figure: Sendable {
    private let number: Atomic<Int>
    init(_ value: Int) { number = Atomic(value) }
    var value: Int {
        get { number.load(ordering: .acquiring) }
        set { number.store(newValue, ordering: .releasing) }
    }
}
