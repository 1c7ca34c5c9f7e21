internal import Glibc
internal import LockFile

/// Makes sure that one data directory is served by one supervisor; the kernel lets go when the process ends, however.
public final class InstallationLock: Sendable {
    private let file: LockFile

    /// Takes the lock file of a directory and writes this process's id into it.
    ///
    /// - Throws: naming the process that holds it.
    public init(directory: String) throws(SupervisionError) {
        let path = "\(directory)/lock"
        do { file = try LockFile(path: path) } catch {
            switch error {
            case .held(let holder):
                throw SupervisionError(
                    "\(directory) is in use by another `weir up` (process \(holder)):"
                        + " stop that one, or choose another --data")
            case .system(let call, let number):
                throw SupervisionError("cannot \(call) \(path): \(String(cString: strerror(number)))")
            }
        }
    }
}
