internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc

/// One running process, watched through a pidfd, which becomes readable when it ends: no polling, and no mistake when the
/// number is used again. Loop-confined.
final class WatchedProcess: EventHandler {
    let pid: pid_t
    let startedAt: UInt64
    private let loop: EventLoop
    private let descriptor: Int32
    private let ended: (WatchedProcess, ProcessLaunch.Ending) -> Void

    /// Throws when there is no such process.
    static func watchOnLoop(
        _ pid: pid_t, _ loop: EventLoop, ended: @escaping (WatchedProcess, ProcessLaunch.Ending) -> Void
    ) throws(SystemError) -> WatchedProcess {
        let descriptor = weir_pidfd_open(pid)
        guard descriptor >= 0 else { throw SystemError("watch process \(pid)", code: errno) }
        let process = WatchedProcess(pid, descriptor, loop, ended)
        try loop.registerOnLoop(descriptor, interest: .read, handler: process)
        return process
    }

    private init(
        _ pid: pid_t, _ descriptor: Int32, _ loop: EventLoop,
        _ ended: @escaping (WatchedProcess, ProcessLaunch.Ending) -> Void
    ) {
        self.pid = pid
        self.descriptor = descriptor
        self.loop = loop
        self.ended = ended
        startedAt = loop.nowNanoseconds
    }

    func readyOnLoop(_ readiness: Readiness) {
        guard let ending = ProcessLaunch.reap(pid) else { return }
        loop.deregisterOnLoop(descriptor)
        close(descriptor)
        ended(self, ending)
    }
}
