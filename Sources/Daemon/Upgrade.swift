public import EventLoop
public import Telemetry

/// Replaces this process by a new one of the same program, without a connection refused: performs what `UpgradeMachine`
/// decides. See the README.
public final class Upgrade: @unchecked Sendable {  // all state is touched on `loop` only
    /// What the program itself does; each is waited for, off the loop.
    public struct Steps: Sendable {
        /// Descriptors for the successor, closed by `Upgrade`.
        public var sockets: @Sendable () async throws -> [NamedDescriptor]
        /// Holds accepting and lets another process have the data.
        public var release: @Sendable () async -> Void
        /// Takes the data back if it was released, and accepts again; returns why the data could not be had.
        public var resume: @Sendable (_ wasReleased: Bool) async -> String?
        /// Serves what is under way, leaving these listeners to the successor, and ends the process.
        public var handOver: @Sendable (_ listeners: [String]) async -> Void
        /// Stops as if there was no successor, and ends the process.
        public var stop: @Sendable () async -> Void
        /// Counts what came of an upgrade.
        public var count: @Sendable (Outcome) -> Void

        /// The steps of one program.
        public init(
            sockets: @escaping @Sendable () async throws -> [NamedDescriptor],
            release: @escaping @Sendable () async -> Void,
            resume: @escaping @Sendable (_ wasReleased: Bool) async -> String?,
            handOver: @escaping @Sendable (_ listeners: [String]) async -> Void,
            stop: @escaping @Sendable () async -> Void, count: @escaping @Sendable (Outcome) -> Void
        ) {
            self.sockets = sockets
            self.release = release
            self.resume = resume
            self.handOver = handOver
            self.stop = stop
            self.count = count
        }
    }

    /// What came of an upgrade.
    public enum Outcome: String, Sendable, CaseIterable {
        case done, failed, refused
    }

    /// Why this process goes on.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// For a person.
        public let description: String
        /// Nothing was tried, because one is under way.
        public let isRefusal: Bool
    }

    private let loop: EventLoop
    private let steps: Steps
    private let limit: Duration
    private let logger: Logger
    private var machine = UpgradeMachine()
    private var successor: SuccessorProcess?
    private var hasHandedOver = false
    private var timer: TimerToken?
    private var asking: CheckedContinuation<Result<Int32, Failure>, Never>?

    /// - Parameter limit: how long the successor may take to be prepared, and again to open the data.
    public init(loop: EventLoop, limit: Duration, logger: Logger, steps: Steps) {
        self.loop = loop
        self.limit = limit
        self.logger = logger
        self.steps = steps
    }

    /// Starts the successor; returns its process id when it serves, and this process drains.
    ///
    /// - Throws: `Failure` when this process goes on.
    public func perform() async throws(Failure) -> Int32 {
        let outcome = await withCheckedContinuation { continuation in
            loop.submit { self.requestOnLoop(continuation) }
        }
        return try outcome.get()
    }

    /// Ends a successor that does not serve yet, and stops. After a hand-over this process drains already, and now as for a stop.
    public func stop() {
        loop.submit { self.performOnLoop(self.machine.stop()) }
    }

    private func requestOnLoop(_ continuation: CheckedContinuation<Result<Int32, Failure>, Never>) {
        do throws(UpgradeMachine.Refused) {
            let action = try machine.request()
            asking = continuation
            logger.info("upgrade begins")
            performOnLoop(action)
        } catch {
            logger.warning("upgrade refused", ["reason": .string(error.reason)])
            steps.count(.refused)
            continuation.resume(returning: .failure(Failure(description: error.reason, isRefusal: true)))
        }
    }

    private func performOnLoop(_ action: UpgradeMachine.Action) {
        loop.assertOnLoop()
        switch action {
        case .nothing:
            break
        case .launch:
            restartTimerOnLoop()
            launch()
        case .release:
            restartTimerOnLoop()
            Task.detached { [self] in
                await steps.release()
                loop.submit { self.performOnLoop(self.machine.released()) }
            }
        case .open:
            restartTimerOnLoop()
            sayOnLoop(.open)
        case .serve:
            restartTimerOnLoop()
            sayOnLoop(.serve)
        case .handOver(let listeners):
            handOverOnLoop(listeners)
        case .kill:
            cancelTimerOnLoop()
            guard let successor else { return performOnLoop(machine.ended()) }
            successor.killNow()
        case .resume(let wasReleased):
            resume(wasReleased)
        case .report(let reason):
            reportOnLoop(reason)
        case .stop:
            asking?.resume(returning: .failure(Failure(description: "this process was told to stop", isRefusal: false)))
            asking = nil
            // After a hand-over the service goes on.
            if !hasHandedOver { ReadinessNotice.stopping() }
            Task.detached { [steps] in await steps.stop() }
        }
    }

    private func launch() {
        Task.detached { [self] in
            do {
                let sockets = try await steps.sockets()
                loop.submit { self.launchOnLoop(sockets) }
            } catch {
                loop.submit { self.performOnLoop(self.machine.failed("\(error)")) }
            }
        }
    }

    private func launchOnLoop(_ sockets: [NamedDescriptor]) {
        do throws(SystemError) {
            let launched = try SuccessorProcess.launchOnLoop(loop, passing: sockets) { self.happenedOnLoop($0) }
            successor = launched
            logger.info("successor started", ["pid": .integer(Int64(launched.pid))])
            // Told to stop, or out of time, before there was anything to kill.
            if machine.state != .preparing { launched.killNow() }
        } catch {
            performOnLoop(machine.failed("cannot \(error)"))
        }
    }

    private func happenedOnLoop(_ event: SuccessorProcess.Event) {
        switch event {
        case .said(let message):
            performOnLoop(machine.said(message))
        case .ended(let ending):
            successor = nil
            performOnLoop(machine.failed("its process ended with \(ending.description); its own lines say why"))
            performOnLoop(machine.ended())
        }
    }

    private func sayOnLoop(_ message: HandOverMessage) {
        // One that does not listen has ended or will: that is an event of its own.
        _ = successor?.say(message)
    }

    private func handOverOnLoop(_ listeners: [String]) {
        cancelTimerOnLoop()
        hasHandedOver = true
        let pid = successor?.pid ?? 0
        ReadinessNotice.ready(process: pid)
        logger.info("handed over, draining", ["pid": .integer(Int64(pid))])
        steps.count(.done)
        asking?.resume(returning: .success(pid))
        asking = nil
        Task.detached { [steps] in await steps.handOver(listeners) }
    }

    private func resume(_ wasReleased: Bool) {
        Task.detached { [self] in
            let problem = await steps.resume(wasReleased)
            loop.submit {
                if let problem {
                    self.logger.error(
                        "data not taken back: this process changes none of it until it is upgraded or restarted",
                        ["reason": .string(problem)])
                }
                self.performOnLoop(self.machine.resumed(problem: problem))
            }
        }
    }

    private func reportOnLoop(_ reason: String) {
        logger.error(
            "upgrade failed, this process goes on; mend the cause and ask for the upgrade again",
            ["reason": .string(reason)])
        steps.count(.failed)
        asking?.resume(returning: .failure(Failure(description: reason, isRefusal: false)))
        asking = nil
    }

    private func restartTimerOnLoop() {
        cancelTimerOnLoop()
        timer = loop.scheduleOnLoop(after: limit) { [self] in
            timer = nil
            performOnLoop(machine.failed("it was not ready within \(limit)"))
        }
    }

    private func cancelTimerOnLoop() {
        if let timer { loop.cancelOnLoop(timer) }
        timer = nil
    }
}
