import EventLoop
import Glibc
import Synchronization
import TestKit
import Testing

/// Holds pool threads until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)
    private let arrivals = Atomic<Int>(0)

    var arrived: Int { arrivals.load(ordering: .relaxed) }

    func pass() {
        arrivals.add(1, ordering: .relaxed)
        while !isOpen.load(ordering: .acquiring) { usleep(500) }
    }

    func open() {
        isOpen.store(true, ordering: .releasing)
    }
}

struct BlockingPoolTests {
    @Test func `results and errors come back to the caller's loop`() async throws {
        struct Refusal: Error {}
        let pool = try BlockingPool(threads: 2, queueLimit: 10)
        let loop = try EventLoop()
        let isOnLoopAfterwards = await Task(executorPreference: loop) {
            let value = try? await pool.run { loop.isOnLoop }
            return value == false && loop.isOnLoop
        }.value
        #expect(isOnLoopAfterwards)
        await #expect(throws: Refusal.self) { try await pool.run { throw Refusal() } }
        await loop.shutdown()
        pool.shutdown()
    }

    @Test func `a full queue refuses at once and takes calls again later`() async throws {
        let pool = try BlockingPool(name: "small", threads: 1, queueLimit: 1)
        let gate = Gate()
        let running = Task { try await pool.run { gate.pass() } }
        #expect(await eventually { gate.arrived == 1 })
        let waiting = Task { try await pool.run { gate.pass() } }
        #expect(await eventually { pool.load == 2 })
        await #expect(throws: BlockingPool.Overloaded(pool: "small", queueLimit: 1)) { try await pool.run {} }
        gate.open()
        try await running.value
        try await waiting.value
        #expect(await eventually { pool.load == 0 })
        try await pool.run {}
        pool.shutdown()
    }

    @Test func `a call cancelled while it waits is never made`() async throws {
        let pool = try BlockingPool(threads: 1, queueLimit: 10)
        let gate = Gate()
        let isCalled = Gate()
        let running = Task { try await pool.run { gate.pass() } }
        #expect(await eventually { gate.arrived == 1 })
        let cancelled = Task {
            try await pool.run {
                isCalled.open()
                isCalled.pass()
            }
        }
        #expect(await eventually { pool.load == 2 })
        cancelled.cancel()
        gate.open()
        try await running.value
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(isCalled.arrived == 0)
        pool.shutdown()
    }

    @Test func `shutdown finishes accepted calls and refuses new ones`() async throws {
        let pool = try BlockingPool(threads: 2, queueLimit: 100)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<50 { group.addTask { try await pool.run { index } } }
            return try await group.reduce(0, +)
        }
        #expect(count == 1_225)
        pool.shutdown()
        await #expect(throws: BlockingPool.Overloaded.self) { try await pool.run {} }
    }
}

struct ResolverTests {
    @Test func `numeric hosts are answered without the pool`() async throws {
        let pool = try BlockingPool(threads: 1, queueLimit: 0)
        pool.shutdown()
        let resolver = Resolver(pool: pool)
        #expect(try await resolver.resolve("192.0.2.1", port: 80).map(\.description) == ["192.0.2.1:80"])
        #expect(try await resolver.resolve("[::1]", port: 80).map(\.description) == ["[::1]:80"])
    }

    @Test func `localhost is found, and remembered for its lifetime`() async throws {
        let pool = try BlockingPool(threads: 1, queueLimit: 4)
        let resolver = Resolver(pool: pool, lifetime: .seconds(3_600))
        let addresses = try await resolver.resolve("localhost", port: 8_080)
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { $0.isLoopback && $0.port == 8_080 })
        pool.shutdown()
        #expect(try await resolver.resolve("localhost", port: 8_080) == addresses)
        await #expect(throws: BlockingPool.Overloaded.self) { try await resolver.resolve("localhost", port: 8_081) }
    }

    @Test func `an impossible name is an error that names it`() async throws {
        let name = String(repeating: "a", count: 300)
        let error = #expect(throws: ResolutionError.self) { try Resolver.lookUp(name, port: 1) }
        #expect(error?.description.hasPrefix("cannot resolve \(name): ") == true)
    }
}
