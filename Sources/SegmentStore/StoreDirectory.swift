internal import Glibc

/// The directory of a store: its lock, its state file, and the small files around the environments.
final class StoreDirectory: Sendable {
    let path: String
    /// Held for as long as any part of the store is alive; the lock goes with it.
    private let lockDescriptor: Int32

    /// Creates the directory if needed and takes its lock.
    ///
    /// Throws `.inUse` if somebody has it.
    init(path: String) throws(StoreError) {
        self.path = path
        try StoreDirectory.makeDirectories(path)
        let lockPath = path + "/lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw systemError("open", lockPath) }
        lockDescriptor = descriptor
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            let holder = (try? readFile("lock")).flatMap { String(validating: $0, as: UTF8.self) } ?? ""
            if code == EWOULDBLOCK {
                throw StoreError(
                    .inUse,
                    "the cache directory \(path) is in use by another process\(holder.isEmpty ? "" : " (pid \(holder))");"
                        + " stop it or choose another directory", number: code)
            }
            throw StoreError(.system, "could not lock \(lockPath): \(errorText(code))", number: code)
        }
        ftruncate(descriptor, 0)
        let pid = Array(String(getpid()).utf8)
        _ = pid.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit { close(lockDescriptor) }

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
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw systemError("read", file(name)) }
            if count == 0 { return bytes }
            bytes += part[..<count]
        }
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

    /// Removes an environment's file and its lock file, if they are there.
    func removeEnvironment(_ name: String) {
        unlink(file(name))
        unlink(file(name + "-lock"))
    }

    private func syncDirectory() throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw systemError("flush", path) }
    }

    private static func makeDirectories(_ path: String) throws(StoreError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + component
            if mkdir(partial, 0o700) != 0, errno != EEXIST { throw systemError("create", partial) }
        }
    }
}

/// What the last process to hold the directory left as its testament.
struct StoreState: Equatable {
    var bootIdentity: String
    var isClean: Bool

    static let fileName = "state"

    init(bootIdentity: String, isClean: Bool) {
        self.bootIdentity = bootIdentity
        self.isClean = isClean
    }

    /// Reads `clean <boot>` or `running <boot>`; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "clean" || words[0] == "running" else { return nil }
        self.init(bootIdentity: String(words[1]), isClean: words[0] == "clean")
    }

    var bytes: [UInt8] { Array("\(isClean ? "clean" : "running") \(bootIdentity)\n".utf8) }

    /// Whether the files are as the last process left them: it closed them in order, or the page cache that took its
    /// writes is still the same.
    static func isTrusted(_ previous: StoreState?, currentBoot: String) -> Bool {
        guard let previous else { return false }
        return previous.isClean || (previous.bootIdentity == currentBoot && currentBoot != unknownBoot)
    }

    static let unknownBoot = "unknown"

    /// The kernel's identity of this boot.
    static func currentBoot() -> String {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return unknownBoot }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        return word.isEmpty ? unknownBoot : word
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

func systemError(_ action: String, _ path: String) -> StoreError {
    let code = errno
    return StoreError(
        code == ENOSPC || code == EDQUOT ? .full : .system, "could not \(action) \(path): \(errorText(code))",
        number: code)
}

func errorText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
