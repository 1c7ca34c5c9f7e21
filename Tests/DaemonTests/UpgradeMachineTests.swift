import Testing

@testable import Daemon

@Suite struct UpgradeMachineTests {

    /// A machine that has come as far as `state`.
    private func machine(in state: UpgradeMachine.State) throws -> UpgradeMachine {
        var machine = UpgradeMachine()
        guard state != .serving else { return machine }
        #expect(try machine.request() == .launch)
        guard state != .preparing else { return machine }
        #expect(machine.said(.prepared) == .release)
        guard state != .releasing else { return machine }
        #expect(machine.released() == .open)
        guard state != .opening else { return machine }
        #expect(machine.said(.ready(["http"])) == .serve)
        guard state != .starting(["http"]) else { return machine }
        #expect(machine.said(.serving) == .handOver(["http"]))
        return machine
    }

    @Test func `an upgrade goes through its stages and ends in a hand-over`() throws {
        var machine = try machine(in: .handedOver)
        #expect(machine.state == .handedOver)
        #expect(machine.failed("its process ended") == .nothing)
        #expect(machine.ended() == .nothing)
    }

    @Test(arguments: [UpgradeMachine.State.preparing, .releasing, .opening, .starting(["http"])])
    func `a second request is refused while one is under way`(state: UpgradeMachine.State) throws {
        var machine = try machine(in: state)
        #expect(throws: UpgradeMachine.Refused.self) { try machine.request() }
        #expect(machine.state == state)
    }

    @Test func `a request after the hand-over is refused`() throws {
        var machine = try machine(in: .handedOver)
        #expect(throws: UpgradeMachine.Refused.self) { try machine.request() }
    }

    @Test func `a successor that fails before the data was released costs nothing`() throws {
        var machine = try machine(in: .preparing)
        #expect(machine.failed("exit code 3") == .kill)
        #expect(machine.failed("again") == .nothing)
        #expect(machine.ended() == .resume(wasReleased: false))
        #expect(machine.resumed(problem: nil) == .report("exit code 3"))
        #expect(try machine.request() == .launch)
    }

    @Test func `a failure while the data is being released is acted upon when it is`() throws {
        var machine = try machine(in: .releasing)
        #expect(machine.failed("exit code 3") == .nothing)
        #expect(machine.released() == .kill)
        #expect(machine.ended() == .resume(wasReleased: true))
        #expect(machine.resumed(problem: nil) == .report("exit code 3"))
        #expect(machine.ownsData)
    }

    @Test func `what the successor says is the reason, before what its end says`() throws {
        var machine = try machine(in: .opening)
        #expect(machine.said(.failed("no luck")) == .kill)
        #expect(machine.failed("exit code 1") == .nothing)
        #expect(machine.ended() == .resume(wasReleased: true))
        #expect(machine.resumed(problem: nil) == .report("no luck"))
    }

    @Test func `a successor that fails when it begins to accept is not left alone with the listeners`() throws {
        var machine = try machine(in: .starting(["http"]))
        #expect(machine.failed("killed") == .kill)
        #expect(machine.ended() == .resume(wasReleased: true))
    }

    @Test func `a message out of turn is a failure`() throws {
        var early = try machine(in: .preparing)
        #expect(early.said(.ready([])) == .kill)
        var late = try machine(in: .opening)
        #expect(late.said(.prepared) == .kill)
        var ended = try machine(in: .serving)
        #expect(ended.said(.prepared) == .nothing)
    }

    @Test func `when the data cannot be had back, another upgrade may be asked for and releases nothing new`() throws {
        var machine = try machine(in: .opening)
        #expect(machine.failed("killed") == .kill)
        #expect(machine.ended() == .resume(wasReleased: true))
        #expect(machine.resumed(problem: "somebody wrote to it") == .report("killed"))
        #expect(!machine.ownsData)
        #expect(try machine.request() == .launch)
        #expect(machine.failed("killed again") == .kill)
        // Worth another try: the successor may not have got so far.
        #expect(machine.ended() == .resume(wasReleased: true))
        #expect(machine.resumed(problem: nil) == .report("killed again"))
        #expect(machine.ownsData)
    }

    @Test(arguments: [UpgradeMachine.State.preparing, .opening, .starting(["http"])])
    func `told to stop, it kills the successor first`(state: UpgradeMachine.State) throws {
        var machine = try machine(in: state)
        #expect(machine.stop() == .kill)
        #expect(machine.stop() == .nothing)
        #expect(machine.said(.ready([])) == .nothing)
        #expect(machine.ended() == .stop)
    }

    @Test func `told to stop while the data is being released, it finishes that first`() throws {
        var machine = try machine(in: .releasing)
        #expect(machine.stop() == .nothing)
        #expect(machine.released() == .kill)
        #expect(machine.ended() == .stop)
    }

    @Test func `told to stop while it takes its role back, it stops then`() throws {
        var machine = try machine(in: .opening)
        #expect(machine.failed("killed") == .kill)
        #expect(machine.ended() == .resume(wasReleased: true))
        #expect(machine.stop() == .nothing)
        #expect(machine.resumed(problem: nil) == .stop)
    }

    @Test(arguments: [UpgradeMachine.State.serving, .handedOver])
    func `without an upgrade under way it stops at once`(state: UpgradeMachine.State) throws {
        var machine = try machine(in: state)
        #expect(machine.stop() == .stop)
        #expect(machine.stop() == .nothing)
    }

    @Test(arguments: [
        HandOverMessage.prepared, .open, .ready([]), .ready(["http", "admin"]), .serve, .serving,
        .failed("cannot bind: no, really"),
    ])
    func `messages are read as they were written`(message: HandOverMessage) {
        #expect(HandOverMessage(message.text) == message)
    }

    @Test(arguments: ["", "hello", "preparedness", " open"])
    func `other text is no message`(text: String) {
        #expect(HandOverMessage(text) == nil)
    }
}
