import Testing

@testable import Supervisor

@Suite struct ChildMachineTests {
    private func ready() -> ChildMachine {
        var machine = ChildMachine()
        _ = machine.start()
        _ = machine.saidReady()
        return machine
    }

    @Test func `the first readiness is told from a later one`() {
        var machine = ChildMachine()
        #expect(machine.start() == .spawn)
        #expect(machine.saidReady() == .announceReady(again: false))
        #expect(machine.exited(exitCode: 1, after: .seconds(5)) == .restart(after: .milliseconds(250)))
        #expect(machine.backOffElapsed() == .spawn)
        #expect(machine.saidReady() == .announceReady(again: true))
    }

    @Test func `failures in a row double the delay up to half a minute`() {
        var machine = ready()
        var delays: [ChildMachine.Action] = []
        for _ in 0..<9 {
            delays.append(machine.exited(exitCode: nil, after: .seconds(1)))
            _ = machine.backOffElapsed()
        }
        #expect(delays.first == .restart(after: .milliseconds(250)))
        #expect(delays[1] == .restart(after: .milliseconds(500)))
        #expect(delays.last == .restart(after: .seconds(30)))
    }

    @Test func `a minute of service starts the count anew`() {
        var machine = ready()
        _ = machine.exited(exitCode: 1, after: .seconds(1))
        _ = machine.backOffElapsed()
        #expect(machine.exited(exitCode: 1, after: .seconds(60)) == .restart(after: .milliseconds(250)))
    }

    @Test func `a refused configuration at the first start is not tried again`() {
        var machine = ChildMachine()
        _ = machine.start()
        #expect(machine.exited(exitCode: 78, after: .milliseconds(20)) == .giveUp)
    }

    @Test func `a process that never serves is given up after five tries`() {
        var machine = ChildMachine()
        _ = machine.start()
        var actions: [ChildMachine.Action] = []
        for _ in 0..<5 {
            actions.append(machine.exited(exitCode: 1, after: .milliseconds(20)))
            _ = machine.backOffElapsed()
        }
        #expect(actions.dropLast().allSatisfy { if case .restart = $0 { true } else { false } })
        #expect(actions.last == .giveUp)
    }

    @Test func `a refused configuration after service is retried, the operator may mend the file`() {
        var machine = ready()
        #expect(machine.exited(exitCode: 78, after: .seconds(1)) == .restart(after: .milliseconds(250)))
    }

    @Test func `a shutdown ends a running process and waits for its exit`() {
        var machine = ready()
        #expect(machine.shutDown() == .terminate)
        #expect(machine.shutDown() == .nothing)
        #expect(machine.exited(exitCode: 0, after: .seconds(1)) == .finished)
        #expect(machine.state == .stopped)
    }

    @Test func `a shutdown while backing off has nothing to wait for`() {
        var machine = ready()
        _ = machine.exited(exitCode: 1, after: .seconds(1))
        #expect(machine.shutDown() == .finished)
        #expect(machine.backOffElapsed() == .nothing)
    }

    @Test func `readiness said twice is announced once`() {
        var machine = ready()
        #expect(machine.saidReady() == .nothing)
    }
}
