import Bytes
import Glibc
import Synchronization
import TestKit

@testable import SegmentStore

/// A directory of its own for one test, removed afterwards.
final class TemporaryStoreDirectory: Sendable {
    private let directory = TemporaryDirectory()

    var path: String { directory.path }

    func names() -> [String] { directoryEntries(path) }

    /// A byte-for-byte copy, taken while the store may be writing: what a power loss could leave.
    func copied() -> TemporaryStoreDirectory {
        let copy = TemporaryStoreDirectory()
        var names = names()
        for folder in names where folder.hasPrefix("shard-") {
            mkdir(copy.path + "/" + folder, 0o700)
            names += directoryEntries(path + "/" + folder).map { folder + "/" + $0 }
        }
        for name in names where name != "lock" && !name.hasSuffix("-lock") && !name.hasSuffix(".new") {
            guard let bytes = contents(path + "/" + name) else { continue }
            write(bytes, copy.path + "/" + name)
        }
        return copy
    }

    /// Path of a file of a shard.
    func shardFile(_ name: String, _ shard: Int = 0) -> String { "\(path)/shard-\(shard)/\(name)" }
}

func directoryEntries(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

func contents(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = max(0, pread(descriptor, buffer.baseAddress, size, 0))
    }
}

func write(_ bytes: [UInt8], _ path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0)
    var offset = 0
    while offset < bytes.count {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
        precondition(count > 0)
        offset += count
    }
    close(descriptor)
}

/// Bytes that belong to one key and length and to no other, and that are cheap to make in a debug build.
func body(_ key: String, _ count: Int) -> [UInt8] {
    if count == 0 { return [] }
    let seed = SipHash128(key: (1, 2)).hash(Array(key.utf8))
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        var state = seed.low
        var offset = 0
        while offset + 8 <= count {
            state = state &* 6_364_136_223_846_793_005 &+ seed.high | 1
            bytes.storeBytes(of: state, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            bytes[offset] = UInt8(truncatingIfNeeded: offset &* 31 &+ Int(truncatingIfNeeded: seed.low))
            offset += 1
        }
        initialized = count
    }
}

func key(_ name: String) -> [UInt8] { Array(name.utf8) }

/// Lets a test await what the writer thread reports.
func stored(
    _ store: SegmentStore, _ name: String, _ bytes: [UInt8], fence: PurgeSequence? = nil, expectedLength: Int? = nil,
    expectedCRC32C: UInt32? = nil, _ adjust: (inout ObjectMetadata) -> Void = { _ in }
) async -> StoreOutcome {
    var metadata = ObjectMetadata()
    metadata.head = Array("HTTP/1.1 200 OK\r\nX-Name: \(name)\r\n".utf8)
    metadata.etag = Array("\"\(name)\"".utf8)
    metadata.freshUntil = 1_000
    adjust(&metadata)
    return await withCheckedContinuation { continuation in
        let writer = store.beginObject(
            key: key(name), fence: fence ?? store.currentFence, expectedLength: expectedLength,
            expectedCRC32C: expectedCRC32C)
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(100_000))
                _ = writer.append(part)
                rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
            }
        }
        writer.finish(metadata) { continuation.resume(returning: $0) }
    }
}

extension SegmentStore {
    /// Returns once the writer has done everything asked of it so far.
    func settle() async {
        await withCheckedContinuation { continuation in
            if !whenWritten({ continuation.resume() }) { continuation.resume() }
        }
    }
}

extension StoreReader {
    /// The whole body, or `nil` if a chunk is gone.
    func body(of object: StoredObject) -> [UInt8]? {
        var bytes: [UInt8] = []
        for index in 0..<object.chunkCount {
            guard withChunk(of: object, index: index, { bytes += $0 }) != nil else { return nil }
        }
        return bytes
    }

    /// The whole body stored under `name`, or `nil`.
    func body(_ name: String) -> [UInt8]? {
        lookup(key: key(name)).flatMap { body(of: $0) }
    }
}

/// Collects events from any thread.
final class EventLog: Sendable {
    private let events = Mutex<[StoreEvent]>([])
    func add(_ event: StoreEvent) { events.withLock { $0.append(event) } }
    var all: [StoreEvent] { events.withLock { $0 } }

    /// Returns once the writer of `store` has reported `event`; it works while it is asked to settle.
    func contains(_ event: StoreEvent, from store: SegmentStore) async {
        while !all.contains(event) { await store.settle() }
    }
}

/// Holds one thread until another opens it.
final class Gate: @unchecked Sendable {
    // Sendable: a semaphore is made to be shared.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }
    func wait() { while sem_wait(semaphore) != 0 {} }
    func open() { sem_post(semaphore) }
}
