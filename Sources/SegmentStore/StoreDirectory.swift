internal import Glibc
internal import LockFile

/// The directory of a store: its lock, its state file, and the small files around the environments.
final class StoreDirectory: Sendable {
    let path: String
    /// Held for as long as any part of the store is alive.
    private let lockFile: LockFile

    /// Creates the directory if needed and takes its lock.
    ///
    /// Throws `.inUse` if somebody has it.
    init(path: String) throws(StoreError) {
        self.path = path
        try StoreDirectory.makeDirectories(path)
        do { lockFile = try LockFile(path: path + "/lock") } catch { throw StoreDirectory.error(error, path) }
    }

    /// Path of a file in the directory.
    func file(_ name: String) -> String { path + "/" + name }

    /// The whole file, or `nil` if there is none.
    func readFile(_ name: String) throws(StoreError) -> [UInt8]? {
        let descriptor = open(file(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw systemError("open", file(name))
        }
        defer { close(descriptor) }
        return try readAll(descriptor, file(name))
    }

    /// Replaces a file so that after a power loss it is either the old or the new one.
    func replaceFile(_ name: String, with bytes: [UInt8]) throws(StoreError) {
        let temporary = file(name + ".new")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw systemError("create", temporary) }
        do throws(StoreError) {
            try writeAll(bytes, to: descriptor, temporary)
            if fsync(descriptor) != 0 { throw systemError("flush", temporary) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        if rename(temporary, file(name)) != 0 { throw systemError("rename", temporary) }
        try syncDirectory()
    }

    /// Folder of one shard's files.
    static func shardName(_ number: Int) -> String { "shard-\(number)" }

    /// Removes the files of all shards, and of the layout without shards that came before; returns whether there were
    /// any.
    func removeShards() -> Bool {
        var found = access(file(StoreEnvironments.indexName), F_OK) == 0
        StoreEnvironments.removeAll(in: path)
        for number in 0..<64 {
            let folder = file(StoreDirectory.shardName(number))
            guard access(folder, F_OK) == 0 else { continue }
            found = true
            StoreEnvironments.removeAll(in: folder)
            rmdir(folder)
        }
        return found
    }

    /// Lets another process have the directory although this one still reads from it.
    func unlock() { lockFile.unlock() }

    /// Takes the lock again.
    ///
    /// Throws `.inUse` if somebody has it.
    func lock() throws(StoreError) {
        do { try lockFile.lock() } catch { throw StoreDirectory.error(error, path) }
    }

    private func syncDirectory() throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw systemError("flush", path) }
    }

    private static func error(_ refusal: LockFile.Refusal, _ path: String) -> StoreError {
        switch refusal {
        case .held(let holder):
            StoreError(
                .inUse,
                "the cache directory \(path) is in use by another process\(holder.isEmpty ? "" : " (pid \(holder))");"
                    + " stop it or choose another directory", number: EWOULDBLOCK)
        case .system(let call, let number): systemError("\(call) the lock of", path, number)
        }
    }

    static func makeDirectories(_ path: String) throws(StoreError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + component
            if mkdir(partial, 0o700) != 0, errno != EEXIST { throw systemError("create", partial) }
        }
    }
}

/// Reads up to the end.
func readAll(_ descriptor: Int32, _ path: String) throws(StoreError) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw systemError("read", path) }
        if count == 0 { return bytes }
        bytes += part[..<count]
    }
}

/// Writes everything, however often the kernel takes only a part.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(StoreError) {
    var offset = 0
    while offset < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw systemError("write", path) }
        offset += count
    }
}

func systemError(_ action: String, _ path: String, _ code: Int32 = errno) -> StoreError {
    StoreError(
        code == ENOSPC || code == EDQUOT ? .full : .system, "could not \(action) \(path): \(errorText(code))",
        number: code)
}

func errorText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
