internal import CLinux
internal import Glibc
internal import LockFile

/// The file calls of this module, with errors that name the call and the path; all of them block.
enum FileSystem {
    static func open(_ path: String, _ flags: Int32) throws(BlobStoreError) -> Int32 {
        let descriptor = retrying { Glibc.open(path, flags, 0o600) }
        guard descriptor >= 0 else { throw failure("open", path) }
        return descriptor
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(BlobStoreError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                retrying { Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset) }
            }
            guard written >= 0 else { throw failure("write", path) }
            offset += written
        }
    }

    static func read(
        _ count: Int, at offset: Int64, from descriptor: Int32, _ path: String
    ) throws(BlobStoreError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = retrying {
                    pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                }
                if got < 0 { failed = true }
                if got <= 0 { return }
                filled += got
            }
        }
        if failed { throw failure("read", path) }
        return bytes
    }

    /// Lets the kernel begin with bytes that `synchronize` will wait for; that is where a failure shows.
    static func beginWriteBack(_ descriptor: Int32, at offset: Int64, count: Int64) {
        _ = weir_begin_write_back(descriptor, offset, count)
    }

    static func synchronize(_ descriptor: Int32, _ path: String) throws(BlobStoreError) {
        guard retrying({ fsync(descriptor) }) == 0 else { throw failure("fsync", path) }
    }

    static func synchronizeDirectory(_ path: String) throws(BlobStoreError) {
        let descriptor = try open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        try synchronize(descriptor, path)
    }

    static func rename(_ source: String, to target: String) throws(BlobStoreError) {
        guard Glibc.rename(source, target) == 0 else { throw failure("rename to", target) }
    }

    static func link(_ source: String, to target: String) throws(BlobStoreError) {
        guard Glibc.link(source, target) == 0 else { throw failure("link to", target) }
    }

    static func remove(_ path: String) throws(BlobStoreError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink", path) }
    }

    static func makeDirectory(_ path: String) throws(BlobStoreError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("mkdir", path) }
    }

    static func lock(_ path: String) throws(BlobStoreError) -> LockFile {
        do { return try LockFile(path: path) } catch {
            switch error {
            case .held(let holder):
                throw BlobStoreError(
                    .unusable, "\(path) is held by another process (\(holder)); stop it or choose another folder")
            case .system(let call, let number): throw failure(call, path, number)
            }
        }
    }

    static func size(of descriptor: Int32, _ path: String) throws(BlobStoreError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("stat", path) }
        return Int64(status.st_size)
    }

    /// When the file was last written, or given or robbed of a name: epoch seconds, or nil when it is gone.
    static func changeTime(of path: String) throws(BlobStoreError) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw failure("stat", path)
        }
        return Int64(status.st_ctim.tv_sec)
    }

    static func freeBytes(at path: String) throws(BlobStoreError) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw failure("statvfs", path) }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    static func entries(of path: String) throws(BlobStoreError) -> [String] {
        guard let directory = opendir(path) else { throw failure("opendir", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func failure(_ call: String, _ path: String, _ number: Int32 = errno) -> BlobStoreError {
        let code: BlobStoreError.Code =
            switch number {
            case ENOSPC, EDQUOT, EFBIG, EMLINK: .full
            case ENOENT: .missing
            case EMFILE, ENFILE, ENOMEM: .exhausted
            case EACCES, EPERM, EROFS, ENOTDIR: .unusable
            default: .inputOutput
            }
        return BlobStoreError(code, "\(call) \(path): \(String(cString: strerror(number)))")
    }
}
