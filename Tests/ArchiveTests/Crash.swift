import Catalog
import ObjectStore
import Synchronization

/// A process that ends at its `steps`-th step; nothing that it would do then is done.
final class Crash: Sendable {
    private let left: Mutex<Int>

    init(after steps: Int) { left = Mutex(steps) }

    /// Whether it has ended.
    var hasHappened: Bool { left.withLock { $0 < 0 } }

    func step() throws {
        try left.withLock { left in
            if left >= 0 { left -= 1 }
            if left < 0 { throw CancellationError() }
        }
    }
}

/// A catalog of a process that crashes before or after a change.
struct CrashingCatalog: CatalogStore {
    private let base: any CatalogStore
    private let crash: Crash

    init(_ base: any CatalogStore, _ crash: Crash) {
        self.base = base
        self.crash = crash
    }

    func read<R: Sendable>(_ body: @escaping @Sendable (any CatalogReader) throws -> R) async throws -> R {
        try crash.step()
        return try await base.read(body)
    }

    func write<R: Sendable>(_ body: @escaping @Sendable (any CatalogTransaction) throws -> R) async throws -> R {
        try crash.step()
        let result = try await base.write(body)
        try crash.step()
        return result
    }
}

/// A store of a process that crashes before or after it does something.
struct CrashingStore: BlobStore {
    private let base: any BlobStore
    private let crash: Crash

    init(_ base: any BlobStore, _ crash: Crash) {
        self.base = base
        self.crash = crash
    }

    func create(expectedSize: Int64?) async throws -> any BlobWriter {
        try crash.step()
        return CrashingWriter(try await base.create(expectedSize: expectedSize), crash)
    }

    func create(named name: String, expectedSize: Int64?) async throws -> any BlobWriter {
        try crash.step()
        return CrashingWriter(try await base.create(named: name, expectedSize: expectedSize), crash)
    }

    func open(_ name: String) async throws -> any BlobReader {
        try crash.step()
        return try await base.open(name)
    }

    func share(_ names: [String]) async throws -> [String] { try await base.share(names) }

    func delete(_ name: String) async throws {
        try crash.step()
        try await base.delete(name)
        try crash.step()
    }

    func names(writtenBefore epochSeconds: Int64, after start: String, limit: Int) async throws -> [String] {
        try await base.names(writtenBefore: epochSeconds, after: start, limit: limit)
    }
}

private final class CrashingWriter: BlobWriter {
    private let base: any BlobWriter
    private let crash: Crash

    init(_ base: any BlobWriter, _ crash: Crash) {
        self.base = base
        self.crash = crash
    }

    var name: String { base.name }

    func append(_ bytes: [UInt8]) async throws {
        try crash.step()
        try await base.append(bytes)
    }

    func commit() async throws {
        try crash.step()
        try await base.commit()
        try crash.step()
    }

    func discard() async { await base.discard() }
}

/// A store that does something of its own before it makes a blob.
struct InterruptedStore: BlobStore {
    let base: any BlobStore
    let interruption: @Sendable () async throws -> Void

    func create(expectedSize: Int64?) async throws -> any BlobWriter {
        try await base.create(expectedSize: expectedSize)
    }

    func create(named name: String, expectedSize: Int64?) async throws -> any BlobWriter {
        try await interruption()
        return try await base.create(named: name, expectedSize: expectedSize)
    }

    func open(_ name: String) async throws -> any BlobReader { try await base.open(name) }

    func share(_ names: [String]) async throws -> [String] { try await base.share(names) }

    func delete(_ name: String) async throws { try await base.delete(name) }

    func names(writtenBefore epochSeconds: Int64, after start: String, limit: Int) async throws -> [String] {
        try await base.names(writtenBefore: epochSeconds, after: start, limit: limit)
    }
}
