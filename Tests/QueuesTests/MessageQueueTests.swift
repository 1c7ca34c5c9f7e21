import Catalog
import Queues
import Telemetry
import TestKit
import Testing

/// A queue over a catalog of its own, with a clock that the test moves, and without jitter.
private struct Bench {
    let catalog: SQLiteCatalog
    let queue: MessageQueue
    let clock = ManualClock()
    private let folder = TemporaryDirectory()

    init(maximumReceives: Int = 3) throws {
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        let policy = QueuePolicy(
            visibilityMilliseconds: 5_000, maximumReceives: maximumReceives, firstRetryMilliseconds: 1_000,
            longestRetryMilliseconds: 10_000)
        queue = MessageQueue(
            .objectEvents, policy: policy, catalog: catalog, now: { [clock] in clock.now }, chance: { 0.5 })
    }

    func send(_ bodies: String..., group: String = "") async throws {
        let now = clock.now
        try await catalog.write { transaction in
            for body in bodies { try transaction.send(to: .objectEvents, group: group, now: now) { _ in body } }
        }
    }

    func receive(limit: Int = 9) async throws -> [String] { try await queue.receive(limit: limit).map(\.body) }

    var depth: QueueDepth {
        get async throws { try await catalog.read { [clock] in try $0.depth(of: .objectEvents, now: clock.now) } }
    }
}

@Suite struct MessageQueueTests {
    @Test func `fresh messages come together, and nobody else has them meanwhile`() async throws {
        let bench = try Bench()
        try await bench.send("1", "2", "3")
        #expect(try await bench.receive(limit: 2) == ["1", "2"])
        #expect(try await bench.receive() == ["3"])
        #expect(try await bench.receive() == [])
    }

    @Test func `messages of a receiver that died come back one by one, before fresh ones of later`() async throws {
        let bench = try Bench()
        try await bench.send("1", "2")
        #expect(try await bench.receive() == ["1", "2"])
        bench.clock.advance(seconds: 5)
        try await bench.send("3")
        #expect(try await bench.receive() == ["1"])
        #expect(try await bench.receive() == ["2"])
        #expect(try await bench.receive() == ["3"])
    }

    @Test func `one that takes every receiver's life is a dead letter, and the next one has its turn`() async throws {
        let bench = try Bench(maximumReceives: 2)
        try await bench.send("poison")
        for _ in 0..<2 {
            #expect(try await bench.receive() == ["poison"])
            bench.clock.advance(seconds: 5)
        }
        try await bench.send("good")
        #expect(try await bench.receive() == ["good"])
        let dead = try await bench.catalog.read { try $0.deadMessages(in: .objectEvents, limit: 9, after: nil).items }
        #expect(dead.map(\.body) == ["poison"])
        #expect(dead.map(\.reason) == ["received 2 times, and never done with"])
    }

    @Test func `failures come back later and later, until there were enough`() async throws {
        let bench = try Bench()
        try await bench.send("1")
        for wait in [1_000, 4_000] {
            let message = try #require(try await bench.queue.receive(limit: 1).first)
            let time = bench.clock.now + Int64(wait)
            #expect(try await bench.queue.fail(message, because: "broken") == .willRetry(at: time))
            bench.clock.advance(milliseconds: wait - 1)
            #expect(try await bench.receive() == [])
            bench.clock.advance(milliseconds: 1)
        }
        let last = try #require(try await bench.queue.receive(limit: 1).first)
        #expect(try await bench.queue.fail(last, because: "broken") == .dead)
        #expect(try await bench.queue.fail(last, because: "broken") == .lost)
        #expect(try await bench.depth.dead == 1)
    }

    @Test func `a redriven message has all its receives again`() async throws {
        let bench = try Bench(maximumReceives: 1)
        try await bench.send("1")
        let message = try #require(try await bench.queue.receive(limit: 1).first)
        #expect(try await bench.queue.fail(message, because: "broken") == .dead)
        _ = try await bench.catalog.write { [now = bench.clock.now] in
            try $0.redrive(.objectEvents, ids: nil, now: now, limit: 9)
        }
        #expect(try await bench.receive() == ["1"])
    }

    @Test func `waits grow four times each up to the longest, with a fifth to either side`() {
        let policy = QueuePolicy.objectEvents
        let usual = (1...7).map { policy.retryDelay(after: $0, chance: 0.5) }
        #expect(usual == [1_000, 4_000, 16_000, 64_000, 256_000, 300_000, 300_000])
        #expect(policy.retryDelay(after: 1, chance: 0) == 800)
        #expect(policy.retryDelay(after: 1, chance: 1) == 1_200)
    }

    @Test func `figures tell depth and age`() async throws {
        let (bench, registry) = (try Bench(), MetricsRegistry())
        let gauges = QueueGauges(registry, catalog: bench.catalog, now: { [clock = bench.clock] in clock.now })
        try await bench.send("1", "2")
        _ = try await bench.queue.receive(limit: 1)
        bench.clock.advance(milliseconds: 2_500)
        try await gauges.measure()
        let text = String(decoding: registry.renderPrometheus(), as: UTF8.self)
        for line in [
            #"weir_origin_queue_messages{queue="object-events",state="waiting"} 1"#,
            #"weir_origin_queue_messages{queue="object-events",state="hidden"} 1"#,
            #"weir_origin_queue_messages{queue="object-events",state="dead"} 0"#,
            #"weir_origin_queue_oldest_seconds{queue="object-events"} 2"#,
        ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
    }
}
