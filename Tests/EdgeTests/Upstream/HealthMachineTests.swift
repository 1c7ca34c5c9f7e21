import Testing

@testable import Edge

@Suite struct HealthMachineTests {
    private static let second: UInt64 = 1_000_000_000

    private func machine(_ change: (inout HealthMachine.Policy) -> Void = { _ in }) -> HealthMachine {
        var policy = HealthMachine.Policy(
            failuresToEject: 3, ejection: 10 * Self.second, longestEjection: 30 * Self.second, checksToFail: 2,
            checksToRecover: 2)
        change(&policy)
        return HealthMachine(policy: policy)
    }

    /// Fails as often as it takes; the change of the last failure.
    private func fail(_ machine: inout HealthMachine, at now: UInt64) -> HealthMachine.Change? {
        _ = machine.requestFailed(at: now)
        _ = machine.requestFailed(at: now)
        return machine.requestFailed(at: now)
    }

    @Test func `failures in a row eject, and a success between them does not let them add up`() {
        var machine = machine()
        #expect(machine.requestFailed(at: 1) == nil)
        #expect(machine.requestFailed(at: 2) == nil)
        #expect(machine.requestSucceeded(at: 3) == nil)
        #expect(machine.requestFailed(at: 4) == nil)
        #expect(machine.requestFailed(at: 5) == nil)
        #expect(machine.unusableUntil == 0)
        #expect(machine.requestFailed(at: 6) == .ejected(nanoseconds: 10 * Self.second))
        #expect(machine.unusableUntil == 6 + 10 * Self.second)
    }

    @Test func `on trial one failure ejects for twice as long, up to the longest`() {
        var machine = machine()
        #expect(fail(&machine, at: 0) == .ejected(nanoseconds: 10 * Self.second))
        #expect(machine.requestFailed(at: 5 * Self.second) == nil, "late failures of the same trouble count once")
        #expect(machine.requestFailed(at: 10 * Self.second) == .ejected(nanoseconds: 20 * Self.second))
        #expect(machine.requestFailed(at: 30 * Self.second) == .ejected(nanoseconds: 30 * Self.second))
        #expect(machine.requestFailed(at: 60 * Self.second) == .ejected(nanoseconds: 30 * Self.second))
    }

    @Test func `a success on trial readmits, one before the time is over does not`() {
        var machine = machine()
        _ = fail(&machine, at: 0)
        #expect(machine.requestSucceeded(at: 9 * Self.second) == nil)
        #expect(machine.unusableUntil == 10 * Self.second)
        #expect(machine.requestSucceeded(at: 10 * Self.second) == .readmitted)
        #expect(machine.unusableUntil == 0)
    }

    @Test func `a server that did well for long after its return starts afresh, one that did not goes on longer`() {
        var brief = machine()
        _ = fail(&brief, at: 0)
        _ = brief.requestSucceeded(at: 10 * Self.second)
        #expect(fail(&brief, at: 15 * Self.second) == .ejected(nanoseconds: 20 * Self.second))
        var long = machine()
        _ = fail(&long, at: 0)
        _ = long.requestSucceeded(at: 10 * Self.second)
        #expect(fail(&long, at: 25 * Self.second) == .ejected(nanoseconds: 10 * Self.second))
    }

    @Test func `checks take a server down and bring it back, each after its number in a row`() {
        var machine = machine()
        #expect(machine.checkFailed() == nil)
        #expect(machine.checkSucceeded() == nil)
        #expect(machine.checkFailed() == nil)
        #expect(machine.checkFailed() == .down)
        #expect(machine.unusableUntil == .max)
        #expect(machine.requestSucceeded(at: 1) == nil, "only checks bring it back")
        #expect(machine.checkSucceeded() == nil)
        #expect(machine.checkFailed() == nil)
        #expect(machine.checkSucceeded() == nil)
        #expect(machine.checkSucceeded() == .up)
        #expect(machine.unusableUntil == 0)
    }

    @Test func `with ejection switched off nothing is ejected`() {
        var machine = machine { $0.failuresToEject = 0 }
        for now in 0..<100 { #expect(machine.requestFailed(at: UInt64(now)) == nil) }
        #expect(machine.unusableUntil == 0)
    }
}
