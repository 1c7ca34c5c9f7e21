internal import CLinux
internal import EventLoop
internal import Glibc

/// One process: performs what its machine decides, and tells the machine what happened. Loop-confined.
///
/// Its end is learnt from a pidfd, which becomes readable when the process exits; no `SIGCHLD`, no polling.
final class SupervisedChild: EventHandler {
    let specification: ChildSpecification
    var machine = ChildMachine()
    private(set) var pid: pid_t?
    private var pidDescriptor: Int32 = -1
    private var startedAt: UInt64 = 0
    private var killTimer: TimerToken?
    private var startFailure: String?
    private unowned let supervisor: Supervisor

    init(_ specification: ChildSpecification, supervisor: Supervisor) {
        self.specification = specification
        self.supervisor = supervisor
    }

    private var loop: EventLoop { supervisor.loop }

    func performOnLoop(_ action: ChildMachine.Action) {
        loop.assertOnLoop()
        switch action {
        case .nothing:
            break
        case .spawn:
            spawnOnLoop()
        case .announceReady(let again):
            if again { supervisor.tell(.recovered(name: specification.name)) }
            supervisor.childIsReadyOnLoop()
        case .restart(let delay):
            loop.scheduleOnLoop(after: delay) { self.performOnLoop(self.machine.backOffElapsed()) }
        case .giveUp:
            supervisor.childCannotServeOnLoop(
                startFailure ?? "\(specification.name) does not start; \(specification.logPath) says why")
            supervisor.childFinishedOnLoop()
        case .terminate:
            terminateOnLoop()
        case .finished:
            supervisor.childFinishedOnLoop()
        }
    }

    func readyOnLoop(_ readiness: Readiness) {
        guard let pid, let ending = ChildProcess.reap(pid) else { return }
        loop.deregisterOnLoop(pidDescriptor)
        close(pidDescriptor)
        self.pid = nil
        if let killTimer { loop.cancelOnLoop(killTimer) }
        killTimer = nil
        let lifetime = Duration.nanoseconds(Int64(loop.nowNanoseconds - startedAt))
        let action = machine.exited(exitCode: ending.exitCode, after: lifetime)
        if case .restart(let delay) = action {
            supervisor.tell(.died(name: specification.name, reason: ending.description, restartAfter: delay))
        }
        performOnLoop(action)
    }

    private func spawnOnLoop() {
        startedAt = loop.nowNanoseconds
        do {
            let pid = try ChildProcess.spawn(specification, extraEnvironment: supervisor.childEnvironment)
            self.pid = pid
            pidDescriptor = weir_pidfd_open(pid)
            try loop.registerOnLoop(pidDescriptor, interest: .read, handler: self)
        } catch {
            startFailure = "\(error)"
            performOnLoop(machine.couldNotStart())
        }
    }

    private func terminateOnLoop() {
        guard let pid else { return }
        kill(pid, SIGTERM)
        killTimer = loop.scheduleOnLoop(after: supervisor.gracePeriod) {
            self.supervisor.tell(.killed(name: self.specification.name))
            kill(pid, SIGKILL)
        }
    }
}
