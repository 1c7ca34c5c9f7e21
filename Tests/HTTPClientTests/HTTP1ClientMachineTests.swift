import HTTPWire
import Testing

@testable import HTTPClient

@Suite struct HTTP1ClientMachineTests {
    private func started(isHead: Bool = false) -> HTTP1ClientMachine {
        var machine = HTTP1ClientMachine(maxInterim: 2)
        machine.start(isHead: isHead)
        return machine
    }

    @Test func `a complete exchange leaves the connection reusable`() {
        var machine = started()
        machine.requestSent()
        #expect(machine.headReceived(status: 200, framing: .length(3), keepAlive: true) == .body(.length(3)))
        machine.bodyEnded()
        #expect(machine.isReusable)
    }

    @Test func `a response without a body is complete with its head`() {
        var machine = started()
        machine.requestSent()
        #expect(machine.headReceived(status: 204, framing: .none, keepAlive: true) == .complete)
        #expect(machine.isReusable)
        var head = started(isHead: true)
        head.requestSent()
        #expect(head.headReceived(status: 200, framing: .length(9), keepAlive: true) == .complete)
    }

    @Test func `a server that forbids reuse, or answers before the request is sent, costs the connection`() {
        var closing = started()
        closing.requestSent()
        _ = closing.headReceived(status: 200, framing: .none, keepAlive: false)
        #expect(!closing.isReusable)
        var early = started()
        _ = early.headReceived(status: 413, framing: .none, keepAlive: true)
        #expect(!early.isReusable)
    }

    @Test func `interim responses are skipped up to a limit, and a switch of protocols is refused`() {
        var machine = started()
        #expect(machine.headReceived(status: 100, framing: .none, keepAlive: true) == .interim)
        #expect(machine.headReceived(status: 103, framing: .none, keepAlive: true) == .interim)
        #expect(machine.headReceived(status: 103, framing: .none, keepAlive: true) == .refuse)
        var switching = started()
        #expect(switching.headReceived(status: 101, framing: .none, keepAlive: true) == .refuse)
    }

    @Test func `what the end of a connection means depends on what was awaited`() {
        var idle = HTTP1ClientMachine(maxInterim: 2)
        #expect(idle.connectionEnded(isClean: true) == .forget)
        var unanswered = started()
        #expect(unanswered.connectionEnded(isClean: true) == .failUnanswered)
        var inHead = started()
        inHead.bytesReceived()
        #expect(inHead.connectionEnded(isClean: true) == .failTruncated)
        var sized = started()
        _ = sized.headReceived(status: 200, framing: .length(3), keepAlive: true)
        #expect(sized.connectionEnded(isClean: true) == .failTruncated)
        var chunked = started()
        _ = chunked.headReceived(status: 200, framing: .chunked, keepAlive: true)
        #expect(chunked.connectionEnded(isClean: true) == .failTruncated)
        var open = started()
        _ = open.headReceived(status: 200, framing: .untilClose, keepAlive: false)
        #expect(open.connectionEnded(isClean: true) == .complete)
        var reset = started()
        _ = reset.headReceived(status: 200, framing: .untilClose, keepAlive: false)
        #expect(reset.connectionEnded(isClean: false) == .failTruncated)
    }
}
