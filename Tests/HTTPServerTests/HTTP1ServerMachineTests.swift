import Testing

@testable import HTTPServer

@Suite struct HTTP1ServerMachineTests {
    private typealias Machine = HTTP1ServerMachine

    private func machine(_ shape: Machine.RequestShape) -> Machine {
        var machine = Machine(discardLimit: 100)
        machine.headReceived(shape)
        return machine
    }

    @Test func `a plain exchange ends with the next request`() {
        var machine = machine(.init(bodyLength: 0))
        #expect(
            machine.responseBegins(status: 200, length: 3)
                == .init(framing: .length(3), sendsBody: true, closes: false))
        #expect(machine.bodyBytesAllowed(5) == 3)
        machine.bodyBytesWritten(3)
        #expect(machine.isAnnouncedLengthWritten)
        #expect(machine.responseEnds() == .nextRequest)
        #expect(machine.phase == .idle)
    }

    @Test func `a response that ends short aborts the connection`() {
        var machine = machine(.init(bodyLength: 0))
        _ = machine.responseBegins(status: 200, length: 3)
        machine.bodyBytesWritten(2)
        #expect(machine.responseEnds() == .abort)
        #expect(machine.phase == .closed)
    }

    @Test func `a client that forbids reuse is told that the connection closes`() {
        var machine = machine(.init(bodyLength: 0, keepAlive: false))
        #expect(machine.responseBegins(status: 200, length: 0).closes)
        #expect(machine.responseEnds() == .close)
    }

    @Test(arguments: [204, 304])
    func `statuses without a body have no length either`(status: Int) {
        var machine = machine(.init(bodyLength: 0))
        #expect(
            machine.responseBegins(status: status, length: 0)
                == .init(framing: .none, sendsBody: false, closes: false))
        #expect(machine.responseEnds() == .nextRequest)
    }

    @Test func `HEAD announces the length and sends nothing`() {
        var machine = machine(.init(bodyLength: 0, isHead: true))
        #expect(
            machine.responseBegins(status: 200, length: 10)
                == .init(framing: .length(10), sendsBody: false, closes: false))
        #expect(machine.bodyBytesAllowed(10) == 0)
        #expect(machine.responseEnds() == .nextRequest)
    }

    @Test func `an unknown length is chunked, or ends with the connection for HTTP 1_0`() {
        var modern = machine(.init(bodyLength: 0))
        #expect(modern.responseBegins(status: 200, length: nil).framing == .chunked)
        #expect(modern.responseEnds() == .nextRequest)
        var old = machine(.init(bodyLength: 0, isHTTP10: true))
        #expect(
            old.responseBegins(status: 200, length: nil) == .init(framing: .untilClose, sendsBody: true, closes: true))
        #expect(old.responseEnds() == .close)
    }

    @Test func `100 Continue is sent only when the body is asked for, and once`() {
        var machine = machine(.init(bodyLength: 5, expectContinue: true))
        #expect(machine.bodyWanted(alreadyArriving: false) == .sendContinueThenRead)
        #expect(machine.bodyWanted(alreadyArriving: false) == .read)
        #expect(machine.bodyCompleted() == false)
        #expect(machine.bodyWanted(alreadyArriving: false) == .ended)
    }

    @Test func `100 Continue is left out when the body is already arriving or the response has begun`() {
        var arriving = machine(.init(bodyLength: 5, expectContinue: true))
        #expect(arriving.bodyWanted(alreadyArriving: true) == .read)
        var answered = machine(.init(bodyLength: 5, expectContinue: true))
        _ = answered.responseBegins(status: 200, length: nil)
        #expect(answered.bodyWanted(alreadyArriving: false) == .read)
    }

    @Test func `refusing a body that waits for 100 Continue closes, because it may or may not come`() {
        var machine = machine(.init(bodyLength: 5, expectContinue: true))
        #expect(machine.responseBegins(status: 413, length: 0).closes)
        #expect(machine.responseEnds() == .linger)
        #expect(machine.phase == .lingering)
    }

    @Test func `a short unread body is thrown away and the connection kept`() {
        var machine = machine(.init(bodyLength: 100))
        #expect(!machine.responseBegins(status: 200, length: 0).closes)
        #expect(machine.responseEnds() == .discard)
        #expect(machine.bodyCompleted() == true)
        #expect(machine.phase == .idle)
    }

    @Test func `a long unread body costs the connection`() {
        var machine = machine(.init(bodyLength: 101))
        #expect(machine.responseBegins(status: 200, length: 0).closes)
        #expect(machine.responseEnds() == .linger)
    }

    @Test func `an unread chunked body is thrown away up to the limit`() {
        var machine = machine(.init(bodyLength: nil))
        #expect(!machine.responseBegins(status: 200, length: 0).closes)
        #expect(machine.responseEnds() == .discard)
        machine.discardedTooMuch()
        #expect(machine.phase == .lingering)
    }

    @Test func `a failed body ends the connection with its response`() {
        var machine = machine(.init(bodyLength: nil))
        _ = machine.bodyWanted(alreadyArriving: false)
        machine.bodyFailed()
        #expect(machine.responseBegins(status: 400, length: 0).closes)
        #expect(machine.responseEnds() == .linger)
    }

    @Test func `draining closes an idle connection and the others after their response`() {
        var idle = Machine(discardLimit: 100)
        #expect(idle.drain() == true)
        var busy = machine(.init(bodyLength: 0))
        #expect(busy.drain() == false)
        #expect(busy.responseBegins(status: 200, length: 0).closes)
        #expect(busy.responseEnds() == .close)
    }

    @Test func `nothing may be read or written once the connection is gone`() {
        var machine = machine(.init(bodyLength: 5))
        machine.closed()
        let wanted = machine.bodyWanted(alreadyArriving: false)
        #expect(wanted == .refused)
        #expect(machine.responseEnds() == .abort)
    }
}
