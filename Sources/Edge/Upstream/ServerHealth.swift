import Synchronization

/// The health of one origin server as all loops see it, kept over reloads. Asking is an atomic load; only failures, the
/// first success after one, and checks take the lock.
final class ServerHealth: Sendable {
    /// The origin's id.
    let origin: String
    /// Host and port.
    let server: String
    private let machine: Mutex<HealthMachine>
    /// Copy of `HealthMachine.unusableUntil`.
    private let unusableUntil = Atomic<UInt64>(0)
    /// Whether a success would change the machine.
    private let hasFailures = Atomic<Bool>(false)
    private let underWay = Atomic<Int>(0)

    init(origin: String, server: String, policy: HealthMachine.Policy) {
        self.origin = origin
        self.server = server
        machine = Mutex(HealthMachine(policy: policy))
    }

    /// Judges by another policy from now on; what is known stays known.
    func adopt(_ policy: HealthMachine.Policy) {
        machine.withLock { $0.policy = policy }
    }

    /// Whether the server should get requests at that monotonic time.
    func isUsable(at now: UInt64) -> Bool {
        unusableUntil.load(ordering: .relaxed) <= now
    }

    /// Attempts under way on all loops.
    var outstanding: Int { underWay.load(ordering: .relaxed) }

    /// For operators.
    var condition: HealthMachine.Condition { machine.withLock { $0.condition } }

    func attemptStarted() {
        underWay.wrappingAdd(1, ordering: .relaxed)
    }

    func attemptEnded() {
        underWay.wrappingSubtract(1, ordering: .relaxed)
    }

    func requestSucceeded(at now: UInt64) -> HealthMachine.Change? {
        guard hasFailures.load(ordering: .relaxed) else { return nil }
        return update { $0.requestSucceeded(at: now) }
    }

    func requestFailed(at now: UInt64) -> HealthMachine.Change? {
        update { $0.requestFailed(at: now) }
    }

    func checked(isFit: Bool) -> HealthMachine.Change? {
        update { isFit ? $0.checkSucceeded() : $0.checkFailed() }
    }

    private func update(_ event: (inout HealthMachine) -> HealthMachine.Change?) -> HealthMachine.Change? {
        machine.withLock { machine in
            let change = event(&machine)
            unusableUntil.store(machine.unusableUntil, ordering: .relaxed)
            hasFailures.store(machine.failures > 0 || machine.condition != .usable, ordering: .relaxed)
            return change
        }
    }
}
