import EventLoop
import Glibc
import Synchronization
import TestKit
import Testing

@testable import TranscodeWorker

@Suite struct SourceCacheTests {
    private struct Away: Error {}

    private func source(_ key: String, bytes: Int64 = 10) -> LeasedUnit.Source {
        .init(bucket: "uploads", key: key, bytes: bytes, etag: "e")
    }

    private static func file() throws -> SourceFile {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        return SourceFile(taking: descriptor)
    }

    @Test func `units that ask at the same time share one download`() async throws {
        let downloads = Mutex(0)
        let isOpen = Mutex(false)
        let inside = Mutex(0)
        let cache = SourceCache { _ in
            downloads.withLock { $0 += 1 }
            _ = await eventually { isOpen.withLock { $0 } }
            return try Self.file()
        }
        let source = source("a")
        let unit: @Sendable () async throws -> Void = {
            try await cache.with(source, of: "j") { _ in inside.withLock { $0 += 1 } }
        }
        async let first: Void = unit()
        async let second: Void = unit()
        async let third: Void = unit()
        isOpen.withLock { $0 = true }
        _ = try await (first, second, third)
        #expect(downloads.withLock { $0 } == 1)
        #expect(inside.withLock { $0 } == 3)
        #expect(cache.jobIds == ["j"])
        try await cache.with(source, of: "j") { _ in }
        #expect(downloads.withLock { $0 } == 1)
    }

    @Test func `a download that fails fails its units and is begun anew for the next one`() async throws {
        let attempts = Mutex(0)
        let cache = SourceCache { _ in
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            if attempt == 1 { throw Away() }
            return try Self.file()
        }
        let source = source("a")
        await #expect(throws: Away.self) { try await cache.with(source, of: "j") { _ in } }
        try await cache.with(source, of: "j") { _ in }
        #expect(attempts.withLock { $0 } == 2)
    }

    @Test func `a download that nobody waits for any more ends`() async throws {
        let isBegun = Mutex(false)
        let isEnded = Mutex(false)
        let cache = SourceCache { _ in
            isBegun.withLock { $0 = true }
            defer { isEnded.withLock { $0 = true } }
            try await Task.sleep(for: .seconds(600))
            return try Self.file()
        }
        let source = source("a")
        let unit = Task { try await cache.with(source, of: "j") { _ in } }
        let begun = await eventually { isBegun.withLock { $0 } }
        unit.cancel()
        await #expect(throws: CancellationError.self) { try await unit.value }
        let ended = await eventually { isEnded.withLock { $0 } }
        #expect(begun && ended)
        #expect(cache.jobIds == [])
    }

    @Test func `what is not used is let go of, the oldest first, what is used stays`() async throws {
        let downloads = Mutex<[String]>([])
        let cache = SourceCache(bounds: .init(bytes: 25, count: 2)) { source in
            downloads.withLock { $0.append(source.key) }
            return try Self.file()
        }
        let held = source("held", bytes: 1000)
        try await cache.with(held, of: "held") { _ in
            for key in ["a", "b", "c"] { try await cache.with(source(key), of: key) { _ in } }
            #expect(cache.jobIds == ["b", "c", "held"])
            cache.trim(now: .now + .seconds(3600))
            #expect(cache.jobIds == ["held"])
        }
        cache.trim()
        #expect(cache.jobIds == [], "alone it is larger than what may be kept")
        #expect(downloads.withLock { $0 } == ["held", "a", "b", "c"])
    }
}
