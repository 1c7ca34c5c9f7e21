internal import Crypto
public import EventLoop
internal import Glibc
internal import LockFile

/// Blobs as files: `blobs/ab/ab12…`, written in `temporary/` of the same filesystem.
///
/// One process owns the folder. All file calls run on `pool`; a full pool throws `BlockingPool.Overloaded`.
public final class FileBlobStore: BlobStore {
    let directory: String
    let pool: BlockingPool
    let minimumFreeBytes: Int64
    // Keeps a second process from sweeping `temporary/` under this one's uploads.
    private let lock: LockFile

    /// Opens or creates the folder and removes what unfinished writes left in it; blocks on the disk.
    ///
    /// Throws `.unusable` when another process, or another store of this one, has the folder.
    ///
    /// `minimumFreeBytes` (default 64 MiB) is what uploads must leave free, so that the database beside them can still
    /// write when the disk is full of videos.
    public init(directory: String, pool: BlockingPool, minimumFreeBytes: Int64 = 64 << 20) throws {
        self.directory = directory
        self.pool = pool
        self.minimumFreeBytes = minimumFreeBytes
        try FileSystem.makeDirectory(directory)
        lock = try FileSystem.lock("\(directory)/lock")
        for folder in ["blobs", "temporary"] { try FileSystem.makeDirectory("\(directory)/\(folder)") }
        for shard in FileBlobStore.shards { try FileSystem.makeDirectory("\(directory)/blobs/\(shard)") }
        try FileSystem.synchronizeDirectory("\(directory)/blobs")
        try FileSystem.synchronizeDirectory(directory)
        for name in try FileSystem.entries(of: "\(directory)/temporary") {
            try FileSystem.remove("\(directory)/temporary/\(name)")
        }
    }

    /// Begins a file in `temporary/`.
    public func create(expectedSize: Int64?) async throws -> any BlobWriter {
        try await begin(SecureRandom.hex(16), expectedSize)
    }

    /// Begins a file in `temporary/`; throws `.missing` for what is no blob's name.
    public func create(named name: String, expectedSize: Int64?) async throws -> any BlobWriter {
        guard FileBlobStore.isName(name) else { throw BlobStoreError(.missing, "no blob can be named so") }
        return try await begin(name, expectedSize)
    }

    private func begin(_ name: String, _ expectedSize: Int64?) async throws -> any BlobWriter {
        // A name of its own: another writer of this blob may have ended without a trace of it here yet.
        let temporary = "\(directory)/temporary/\(SecureRandom.hex(16))"
        let (final, folder) = (path(of: name), self.folder(of: name))
        let room = (expectedSize ?? 0).addingReportingOverflow(minimumFreeBytes)
        let (root, needed) = (directory, room.overflow ? .max : room.partialValue)
        return try await pool.run { [pool] in
            guard try FileSystem.freeBytes(at: root) >= needed else {
                throw BlobStoreError(.full, "\(root) has less than \(needed) bytes free")
            }
            let descriptor = try FileSystem.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
            return FileBlobWriter(
                name: name, descriptor: descriptor, temporary: temporary, final: final, folder: folder, pool: pool)
        }
    }

    /// Opens the blob's file.
    public func open(_ name: String) async throws -> any BlobReader {
        guard FileBlobStore.isName(name) else { throw BlobStoreError(.missing, "no blob can be named so") }
        let path = path(of: name)
        return try await pool.run { [pool] in
            let descriptor = try FileSystem.open(path, O_RDONLY | O_CLOEXEC)
            return try FileBlobReader(taking: descriptor, path: path, pool: pool)
        }
    }

    /// Gives the files further names.
    public func share(_ names: [String]) async throws -> [String] {
        guard names.allSatisfy(FileBlobStore.isName) else {
            throw BlobStoreError(.missing, "no blob can be named so")
        }
        let links = names.map { old in
            let name = SecureRandom.hex(16)
            return (from: path(of: old), to: path(of: name), name: name)
        }
        let folders = Set(links.map { folder(of: $0.name) })
        return try await pool.run {
            do {
                for link in links { try FileSystem.link(link.from, to: link.to) }
                for folder in folders { try FileSystem.synchronizeDirectory(folder) }
            } catch {
                for link in links { try? FileSystem.remove(link.to) }
                throw error
            }
            return links.map(\.name)
        }
    }

    /// Removes the blob's file.
    public func delete(_ name: String) async throws {
        guard FileBlobStore.isName(name) else { return }
        let path = path(of: name)
        try await pool.run { try FileSystem.remove(path) }
    }

    /// Walks the shards in name order.
    public func names(writtenBefore epochSeconds: Int64, after start: String, limit: Int) async throws -> [String] {
        let root = "\(directory)/blobs"
        return try await pool.run {
            var names: [String] = []
            for shard in FileBlobStore.shards where shard >= start.prefix(2) {
                for name in try FileSystem.entries(of: "\(root)/\(shard)").sorted()
                where name > start && FileBlobStore.isName(name) {
                    guard let changed = try FileSystem.changeTime(of: "\(root)/\(shard)/\(name)") else {
                        continue
                    }
                    if changed < epochSeconds { names.append(name) }
                    if names.count == limit { return names }
                }
            }
            return names
        }
    }

    private func folder(of name: String) -> String { "\(directory)/blobs/\(name.prefix(2))" }

    private func path(of name: String) -> String { "\(folder(of: name))/\(name)" }

    // Names come back from the catalog; a damaged one must not become a path.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count == 32 && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static let shards: [String] = {
        let digits = Array("0123456789abcdef")
        return digits.flatMap { high in digits.map { "\(high)\($0)" } }
    }()
}
