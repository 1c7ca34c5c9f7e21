import Synchronization
import Testing

@testable import SegmentStore

@Suite struct EvictionTests {
    private func options(_ capacity: Int) -> SegmentStoreOptions {
        var options = SegmentStoreOptions()
        options.capacityBytes = capacity
        return options
    }

    @Test func `a cache that is written over many times does not grow beyond its capacity`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path, options: options(16 << 20))
        defer { store.close() }
        // Four times the capacity, in sizes that touch every class.
        var written = 0
        var index = 0
        while written < 64 << 20 {
            let size = [700_000, 1_500_000, 20_000, 60_000, 120_000, 262_128, 9_000][index % 7]
            let outcome = await stored(store, "\(index)", body("\(index)", size))
            guard case .stored = outcome else {
                Issue.record("object \(index) was not stored: \(outcome)")
                return
            }
            written += size
            index += 1
            let statistics = store.statistics
            #expect(statistics.fileBytes <= 17 << 20)
            #expect(statistics.usedBytes <= 16 << 20)
        }
        let reader = try store.makeReader()
        var kept = 0
        for number in 0..<index {
            guard let object = reader.lookup(key: key("\(number)")) else { continue }
            kept += 1
            #expect(reader.body(of: object) == body("\(number)", object.length))
        }
        await store.settle()
        #expect(kept == store.statistics.objects)
        #expect(store.statistics.evicted == index - kept)
        #expect(store.statistics.usedBytes > 8 << 20)
        #expect(reader.lookup(key: key("\(index - 1)")) != nil)
    }

    @Test func `what is asked for stays while what is not asked for goes`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path, options: options(8 << 20))
        defer { store.close() }
        _ = await stored(store, "popular", body("popular", 500_000))
        let reader = try store.makeReader()
        for index in 0..<60 {
            #expect(reader.lookup(key: key("popular")) != nil)
            _ = await stored(store, "scan\(index)", body("scan\(index)", 500_000))
        }
        #expect(reader.body("popular") == body("popular", 500_000))
        #expect(reader.lookup(key: key("scan0")) == nil)
    }

    @Test func `the number of objects and the index are bounded too`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = options(64 << 20)
        options.maxObjects = 50
        let store = try SegmentStore.open(directory: directory.path, options: options)
        for index in 0..<120 { _ = await stored(store, "\(index)", body("\(index)", 100)) }
        #expect(store.statistics.objects == 50)
        store.close()

        let second = TemporaryStoreDirectory()
        options.maxObjects = 1 << 16
        options.indexCapacityBytes = 1 << 20
        let narrow = try SegmentStore.open(directory: second.path, options: options)
        defer { narrow.close() }
        for index in 0..<300 { _ = await stored(narrow, "\(index)", body("\(index)", 8_000)) }
        #expect(narrow.statistics.indexBytes <= 1 << 20)
        #expect(narrow.statistics.objects > 100)
        #expect(try narrow.makeReader().body("299") == body("299", 8_000))
    }

    @Test func `bodies that are all still being stored cannot fill the disk`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = options(4 << 20)
        options.maxObjectBytes = 4 << 20
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let writers = (0..<40).map { store.beginObject(key: key("\($0)"), fence: store.currentFence) }
        for writer in writers {
            _ = writer.append(body("x", SizeClass.chunkBytes))
            await store.settle()
        }
        let refused = writers.filter { if case .dropped(.failed) = $0.append([1]) { true } else { false } }
        #expect(refused.count > 20)
        #expect(store.statistics.fileBytes <= 5 << 20)
        for writer in writers { writer.abort() }
        await store.settle()
        #expect(store.statistics.usedBytes == 0)
        guard case .stored = await stored(store, "after", body("after", 300_000)) else {
            Issue.record("the cache did not recover")
            return
        }
    }

    @Test func `a full map drops the object and nothing else`() async throws {
        let directory = TemporaryStoreDirectory()
        let log = EventLog()
        var options = options(64 << 20)
        options.mapBytes = 4 << 20
        options.onEvent = { log.add($0) }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        var outcomes: [StoreOutcome] = []
        for index in 0..<12 { outcomes.append(await stored(store, "\(index)", body("\(index)", 600_000))) }
        let reader = try store.makeReader()
        var failures = 0
        for (index, outcome) in outcomes.enumerated() {
            if case .failed(let error) = outcome {
                failures += 1
                #expect(error.code == .full)
                #expect(reader.lookup(key: key("\(index)")) == nil)
            } else {
                #expect(reader.body("\(index)") == body("\(index)", 600_000))
            }
        }
        #expect(failures > 0 && failures < 12)
        #expect(log.all.contains { if case .writeFailed(let error) = $0 { error.code == .full } else { false } })
        #expect(store.statistics.failedCommits > 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `readers never see another object's bytes while everything around them is evicted`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path, options: options(8 << 20))
        defer { store.close() }
        let sizes = [300_000, 9_000, 524_256, 100, 70_000]
        let flag = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<2 {
                group.addTask {
                    let reader = try store.makeReader()
                    var served = 0
                    var number = worker
                    while !flag.isSet {
                        number = (number + 7) % 200
                        if let object = reader.lookup(key: key("\(number)")), let bytes = reader.body(of: object) {
                            served += 1
                            if bytes != body("\(number)", sizes[number % 5]) {
                                Issue.record("wrong bytes for \(number)")
                                return served
                            }
                        }
                        await Task.yield()
                    }
                    return served
                }
            }
            group.addTask {
                defer { flag.set() }
                for round in 0..<3 {
                    for number in 0..<200 where (number + round) % 2 == 0 {
                        _ = await stored(store, "\(number)", body("\(number)", sizes[number % 5]))
                    }
                }
                return 0
            }
            var served = 0
            for try await count in group { served += count }
            #expect(served > 0)
        }
        #expect(store.statistics.evicted > 0)
    }
}

/// A flag that tasks may share.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
