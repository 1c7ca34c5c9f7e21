import Testing

@testable import Edge

@Suite struct FillMachineTests {
    private func machine(limit: Int = 100, hasStale: Bool = false) -> FillMachine {
        FillMachine(objectLimit: limit, hasStale: hasStale)
    }

    @Test func `a storable response of the announced length is committed`() {
        var machine = machine()
        #expect(machine.headArrived(.store(length: 5), canRelay: true) == .stream(storing: true))
        #expect(machine.bodyArrived(3) == .append(storing: true))
        #expect(machine.bodyArrived(2) == .append(storing: true))
        #expect(machine.bodyEnded() == .commit)
        #expect(!machine.acceptsWaiters)
    }

    @Test func `a response of unknown length is committed at its end`() {
        var machine = machine()
        #expect(machine.headArrived(.store(length: nil), canRelay: true) == .stream(storing: true))
        #expect(machine.bodyArrived(100) == .append(storing: true))
        #expect(machine.bodyEnded() == .commit)
    }

    @Test func `a short body is never committed`() {
        var machine = machine()
        _ = machine.headArrived(.store(length: 5), canRelay: true)
        _ = machine.bodyArrived(4)
        #expect(machine.bodyEnded() == .truncated)
    }

    @Test func `more bytes than announced are an overrun and nothing follows`() {
        var machine = machine()
        _ = machine.headArrived(.store(length: 5), canRelay: true)
        #expect(machine.bodyArrived(6) == .overrun)
        #expect(machine.bodyArrived(1) == .ignore)
        #expect(machine.bodyEnded() == .ignore)
        #expect(machine.failed() == .ignore)
    }

    @Test func `beyond the object limit an unknown length is streamed on but not stored`() {
        var machine = machine(limit: 10)
        _ = machine.headArrived(.store(length: nil), canRelay: true)
        #expect(machine.bodyArrived(10) == .append(storing: true))
        #expect(machine.bodyArrived(1) == .appendStoringNoMore)
        #expect(machine.bodyArrived(1) == .append(storing: false))
        #expect(machine.bodyEnded() == .finishShared)
    }

    @Test func `what is not stored may be of any size`() {
        var machine = machine(limit: 10)
        #expect(machine.headArrived(.share(length: 1000), canRelay: true) == .stream(storing: false))
        #expect(machine.bodyArrived(1000) == .append(storing: false))
        #expect(machine.bodyEnded() == .finishShared)
    }

    @Test func `an announced length above the limit sends the waiters to slices`() {
        var machine = machine(limit: 10)
        #expect(machine.headArrived(.store(length: 11), canRelay: true) == .slice)
        #expect(machine.bodyArrived(11) == .ignore)
    }

    @Test func `an error is shared with those who wait and not stored`() {
        var machine = machine()
        #expect(machine.headArrived(.share(length: 2), canRelay: true) == .stream(storing: false))
        #expect(machine.bodyArrived(2) == .append(storing: false))
        #expect(machine.bodyEnded() == .finishShared)
    }

    @Test func `a private response goes to the client that asked and to nobody else`() {
        var machine = machine()
        #expect(machine.headArrived(.alone, canRelay: true) == .relay)
        #expect(!machine.acceptsWaiters)
        #expect(machine.bodyArrived(1000) == .relay)
        #expect(machine.bodyEnded() == .relay)
    }

    @Test func `a private response whose client left is dropped`() {
        var machine = machine()
        #expect(machine.headArrived(.alone, canRelay: false) == .releaseWaiters)
    }

    @Test func `a server error gives way to an expired object`() {
        var machine = machine(hasStale: true)
        #expect(machine.headArrived(.serverError(length: 1), canRelay: true) == .serveStale)
    }

    @Test func `a server error without an expired object is shared`() {
        var machine = machine()
        #expect(machine.headArrived(.serverError(length: 1), canRelay: true) == .stream(storing: false))
    }

    @Test(arguments: [true, false])
    func `304 extends the stored object, whether or not it might be served on an error`(hasStale: Bool) {
        var machine = machine(hasStale: hasStale)
        #expect(machine.headArrived(.notModified, canRelay: true) == .refresh)
    }

    @Test func `an origin that cannot be reached fails the waiters or gives way to an expired object`() {
        var without = machine()
        #expect(without.failed() == .failWaiters)
        var with = machine(hasStale: true)
        #expect(with.failed() == .serveStale)
    }

    @Test func `a body that breaks off cuts the waiters even if an expired object is there`() {
        var machine = machine(hasStale: true)
        _ = machine.headArrived(.store(length: 5), canRelay: true)
        _ = machine.bodyArrived(1)
        #expect(machine.failed() == .cutWaiters)
        #expect(machine.bodyEnded() == .ignore)
    }
}
