internal import Glibc

/// A file that one holder at a time has locked (`flock`), with the holder's process id in it for whoever is refused.
///
/// The kernel lets go of the lock when the process ends, however. Blocks on the disk for the moment of an `open`.
public final class LockFile: Sendable {
    /// Why the lock was not taken.
    public enum Refusal: Error, Sendable, Equatable {
        /// Another process, or this one through another `LockFile`; `by` is its id, empty if it has not written it yet.
        case held(by: String)
        /// `call` failed with `number`, an `errno`.
        case system(call: String, number: Int32)
    }

    let descriptor: Int32

    /// Creates the file if needed, readable by its owner alone, and takes its lock.
    public init(path: String) throws(Refusal) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(call: "open", number: errno) }
        try lock()
    }

    // Closing alone would not do: a process that is being started has a copy of every descriptor until it calls exec.
    deinit {
        unlock()
        close(descriptor)
    }

    /// Takes the lock, again after `unlock`.
    public func lock() throws(Refusal) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? .held(by: holder) : .system(call: "flock", number: errno)
        }
        let identity = "\(getpid())"
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, identity, identity.utf8.count, 0)
    }

    /// Lets another holder have the lock.
    public func unlock() { flock(descriptor, LOCK_UN) }

    private var holder: String {
        var digits = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &digits, digits.count, 0)
        return String(decoding: digits.prefix(max(0, count)), as: UTF8.self)
    }
}
