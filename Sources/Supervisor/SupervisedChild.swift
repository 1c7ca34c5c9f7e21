internal import Daemon
internal import EventLoop
internal import Glibc

/// One process, and after an upgrade also those it took the place of: performs what its machine decides, and tells the machine
/// what happened. Loop-confined.
final class SupervisedChild {
    let specification: ChildSpecification
    var machine = ChildMachine()
    private var current: WatchedProcess?
    /// They drain, and end by themselves.
    private var predecessors: [WatchedProcess] = []
    /// `current` ended during a shutdown that predecessors still have to end for.
    private var pendingEnding: ProcessLaunch.Ending?
    private var killTimer: TimerToken?
    private var startFailure: String?
    private unowned let supervisor: Supervisor

    init(_ specification: ChildSpecification, supervisor: Supervisor) {
        self.specification = specification
        self.supervisor = supervisor
    }

    var pid: pid_t? { current?.pid }
    private var loop: EventLoop { supervisor.loop }
    private var processes: [WatchedProcess] { predecessors + (current.map { [$0] } ?? []) }

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

    /// The process says that another one serves in its place: that is the one to restart and to stop from now on.
    func adoptOnLoop(_ successor: pid_t) {
        guard let old = current, old.pid != successor else { return }
        predecessors.append(old)
        do throws(SystemError) {
            current = try WatchedProcess.watchOnLoop(successor, loop) { self.endedOnLoop($0, $1) }
            supervisor.tell(.upgraded(name: specification.name))
            if machine.state == .stopping { kill(successor, SIGTERM) }
        } catch {
            current = nil
            finishOnLoop(.unknown, after: .zero)
        }
    }

    /// Takes note of its end if the process is one of these.
    func reapOnLoop(_ pid: pid_t) -> Bool {
        guard let process = processes.first(where: { $0.pid == pid }) else { return false }
        process.readyOnLoop(.read)
        return true
    }

    private func endedOnLoop(_ process: WatchedProcess, _ ending: ProcessLaunch.Ending) {
        // It may have said in its last moment who takes its place.
        supervisor.readinessArrivedOnLoop()
        if let index = predecessors.firstIndex(where: { $0 === process }) {
            predecessors.remove(at: index)
            if let pendingEnding, predecessors.isEmpty { finishOnLoop(pendingEnding, after: .zero) }
            return
        }
        guard process === current else { return }
        current = nil
        if machine.state == .stopping, !predecessors.isEmpty {
            pendingEnding = ending
            return
        }
        finishOnLoop(ending, after: .nanoseconds(Int64(loop.nowNanoseconds - process.startedAt)))
    }

    private func finishOnLoop(_ ending: ProcessLaunch.Ending, after lifetime: Duration) {
        pendingEnding = nil
        if let killTimer { loop.cancelOnLoop(killTimer) }
        killTimer = nil
        let action = machine.exited(exitCode: ending.exitCode, after: lifetime)
        if case .restart(let delay) = action {
            supervisor.tell(.died(name: specification.name, reason: ending.description, restartAfter: delay))
        }
        performOnLoop(action)
    }

    private func spawnOnLoop() {
        do {
            let pid = try ChildProcess.spawn(specification, extraEnvironment: supervisor.childEnvironment)
            current = try WatchedProcess.watchOnLoop(pid, loop) { self.endedOnLoop($0, $1) }
        } catch {
            startFailure = "\(error)"
            performOnLoop(machine.couldNotStart())
        }
    }

    private func terminateOnLoop() {
        for process in processes { kill(process.pid, SIGTERM) }
        killTimer = loop.scheduleOnLoop(after: supervisor.gracePeriod) {
            self.supervisor.tell(.killed(name: self.specification.name))
            for process in self.processes { kill(process.pid, SIGKILL) }
        }
    }
}
