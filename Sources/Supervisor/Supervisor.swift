internal import CLinux
internal import Daemon
public import EventLoop
internal import Glibc

/// Runs a set of processes on one loop: all of them serve, or somebody is told why not.
///
/// Children start in the order given, each one when the one before serves, and are stopped in the opposite order, each one
/// drained before the next is asked.
public final class Supervisor: @unchecked Sendable {  // all state is touched on `loop` only
    let loop: EventLoop
    private let grace: Duration
    private let adoptsOrphans: Bool
    private let report: @Sendable (SupervisorEvent) -> Void
    private let readiness: ReadinessListener
    private let readinessHandler = ReadinessHandler()
    private var children: [SupervisedChild] = []
    private var firstReadiness: CheckedContinuation<Void, any Error>?
    private var drained: CheckedContinuation<Void, Never>?

    /// A supervisor that has not started anything yet.
    ///
    /// - Parameters:
    ///   - readinessPath: where to put the socket that children announce themselves on.
    ///   - grace: how long a process may drain before it is killed.
    ///   - adoptsOrphans: makes this process the parent of processes whose parent has ended, such as one that was upgraded, and
    ///     reaps them. It then reaps every child, so the whole process must belong to the supervisor.
    ///   - report: told of everything an operator should read; called on the loop.
    public init(
        loop: EventLoop, children specifications: [ChildSpecification], readinessPath: String,
        grace: Duration = .seconds(20), adoptsOrphans: Bool = false,
        report: @escaping @Sendable (SupervisorEvent) -> Void
    ) throws {
        self.loop = loop
        self.grace = grace
        self.adoptsOrphans = adoptsOrphans
        self.report = report
        readiness = try ReadinessListener(path: readinessPath)
        children = specifications.map { SupervisedChild($0, supervisor: self) }
        readinessHandler.supervisor = self
    }

    /// Starts every process; returns when each has said that it serves.
    ///
    /// - Throws: `SupervisionError` when a process cannot be started or refuses its configuration.
    public func start() async throws {
        try await withCheckedThrowingContinuation { continuation in
            loop.submit { self.startOnLoop(continuation) }
        }
    }

    /// Drains and stops every process, killing those that exceed the grace period; returns when all have ended.
    public func shutDown() async {
        await withCheckedContinuation { continuation in
            loop.submit {
                self.failStartOnLoop("stopped before every process served")
                self.drained = continuation
                self.stopNextOnLoop()
            }
        }
        loop.submit { self.loop.deregisterOnLoop(self.readiness.descriptor) }
    }

    private func startOnLoop(_ continuation: CheckedContinuation<Void, any Error>) {
        firstReadiness = continuation
        do {
            try loop.registerOnLoop(readiness.descriptor, interest: .read, handler: readinessHandler)
            if adoptsOrphans {
                weir_adopt_orphans()
                try SignalWatcher.watchOnLoop(loop, [.child]) { [self] _ in reapOnLoop() }
            }
        } catch {
            return failStartOnLoop("cannot watch \(readiness.path): \(error)")
        }
        startNextOnLoop()
    }

    /// Starts the first process that has not been started; false when all have.
    @discardableResult
    private func startNextOnLoop() -> Bool {
        guard let next = children.first(where: { $0.machine.state == .idle }) else { return false }
        next.performOnLoop(next.machine.start())
        return true
    }

    private func failStartOnLoop(_ reason: String) {
        firstReadiness?.resume(throwing: SupervisionError(reason))
        firstReadiness = nil
    }

    func readinessArrivedOnLoop() {
        for notice in readiness.takeNotices() {
            guard let child = children.first(where: { $0.pid == notice.sender }) else { continue }
            child.adoptOnLoop(notice.process)
            child.performOnLoop(child.machine.saidReady())
        }
    }

    /// Reaps every process that has ended, also those that only became children of this one when their parent ended.
    private func reapOnLoop() {
        while case let pid = weir_ended_child(), pid > 0 {
            if !children.contains(where: { $0.reapOnLoop(pid) }) { _ = ProcessLaunch.reap(pid) }
        }
    }

    private func stopNextOnLoop() {
        guard let next = children.last(where: { $0.machine.state != .stopped }) else {
            drained?.resume()
            drained = nil
            return
        }
        next.performOnLoop(next.machine.shutDown())
    }

    // MARK: What children ask for

    var childEnvironment: [String: String] { ["NOTIFY_SOCKET": readiness.path, Supervised.variable: "\(getpid())"] }
    var gracePeriod: Duration { grace }

    func tell(_ event: SupervisorEvent) { report(event) }

    func childIsReadyOnLoop() {
        guard firstReadiness != nil, !startNextOnLoop(), children.allSatisfy({ $0.machine.state == .ready }) else {
            return
        }
        firstReadiness?.resume()
        firstReadiness = nil
    }

    func childCannotServeOnLoop(_ reason: String) { failStartOnLoop(reason) }

    func childFinishedOnLoop() {
        if drained != nil { stopNextOnLoop() }
    }
}

/// What an operator should read, as it happens.
public enum SupervisorEvent: Sendable, Equatable {
    /// A process serves again after it had ended.
    case recovered(name: String)
    /// A process ended by itself and will be started again.
    case died(name: String, reason: String, restartAfter: Duration)
    /// A process has left its place to a new one of its program.
    case upgraded(name: String)
    /// A process did not drain in time and was killed.
    case killed(name: String)
}

private final class ReadinessHandler: EventHandler {
    weak var supervisor: Supervisor?

    func readyOnLoop(_ readiness: Readiness) { supervisor?.readinessArrivedOnLoop() }
}
