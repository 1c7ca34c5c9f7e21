internal import CLinux
public import EventLoop
internal import Glibc

/// How a process behaves when `weir up` started it: it ends when the supervisor does, however that ends, so that none of its
/// processes is left holding the ports. Under other supervisors nothing happens.
public enum Supervised {
    /// The variable that names the supervisor's process.
    public static let variable = "WEIR_SUPERVISED"

    /// Asks the kernel for `SIGTERM` when the supervisor goes. A successor has another parent and watches instead.
    static func endWithParent() {
        guard let supervisor, getppid() == supervisor else { return }
        weir_set_parent_death_signal(SIGTERM)
        if getppid() != supervisor { kill(getpid(), SIGTERM) }
    }

    /// For the successor of a supervised process: sends itself `SIGTERM` when the supervisor goes. The kernel's signal would
    /// come when the predecessor goes, which is its parent.
    public static func watchSupervisorOnLoop(_ loop: EventLoop) {
        guard let supervisor, getppid() != supervisor else { return }
        let descriptor = weir_pidfd_open(supervisor)
        let watch = SupervisorWatch(loop: loop, descriptor: descriptor)
        guard descriptor >= 0, (try? loop.registerOnLoop(descriptor, interest: .read, handler: watch)) != nil else {
            return watch.readyOnLoop(.read)
        }
    }

    private static var supervisor: Int32? {
        getenv(variable).flatMap { Int32(String(cString: $0)) }
    }
}

private final class SupervisorWatch: EventHandler {
    private let loop: EventLoop
    private let descriptor: Int32

    init(loop: EventLoop, descriptor: Int32) {
        self.loop = loop
        self.descriptor = descriptor
    }

    func readyOnLoop(_ readiness: Readiness) {
        kill(getpid(), SIGTERM)
        loop.deregisterOnLoop(descriptor)
    }
}
