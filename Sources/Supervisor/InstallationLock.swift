internal import Glibc

/// Makes sure that one data directory is served by one supervisor; the kernel lets go when the process ends, however.
public final class InstallationLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock file of a directory and writes this process's id into it.
    ///
    /// - Throws: naming the process that holds it.
    public init(directory: String) throws(SupervisionError) {
        let path = "\(directory)/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SupervisionError("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var holder = [CChar](repeating: 0, count: 32)
            let count = max(0, pread(descriptor, &holder, 31, 0))
            let pid = String(decoding: holder[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            close(descriptor)
            throw SupervisionError(
                "\(directory) is in use by another `weir up` (process \(pid)): stop that one, or choose another --data")
        }
        let identity = "\(getpid())"
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, identity, identity.utf8.count, 0)
    }

    deinit { close(descriptor) }
}
