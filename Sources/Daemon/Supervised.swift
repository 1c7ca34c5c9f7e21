internal import CLinux
internal import Glibc

/// How a process behaves when `weir up` started it.
enum Supervised {
    /// Asks the kernel for `SIGTERM` when the supervisor goes, however it goes, so that none of its processes is left
    /// holding the ports. Under other supervisors nothing happens.
    static func endWithParent() {
        guard getenv("WEIR_SUPERVISED") != nil else { return }
        weir_set_parent_death_signal(SIGTERM)
    }
}
