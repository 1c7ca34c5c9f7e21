import EventLoop
import Testing

@testable import HTTPClient

@Suite struct AddressRaceTests {
    @Test func `the next address starts when the head is over, and all race until one wins`() {
        var race = AddressRace(count: 3)
        #expect(race.advance() == .start(0))
        #expect(race.advance() == .start(1))
        #expect(race.advance() == .start(2))
        #expect(race.hasMore == false)
        #expect(race.advance() == .wait)
    }

    @Test func `a failure starts the next address at once, the last one's failure loses`() {
        var race = AddressRace(count: 2)
        #expect(race.advance() == .start(0))
        #expect(race.failed() == .start(1))
        #expect(race.failed() == .lost)
    }

    @Test func `with others under way a failure loses nothing`() {
        var race = AddressRace(count: 2)
        _ = race.advance()
        _ = race.advance()
        #expect(race.failed() == .wait)
        #expect(race.failed() == .lost)
    }

    @Test func `a name without addresses has lost before it starts`() {
        var race = AddressRace(count: 0)
        #expect(race.advance() == .lost)
    }

    private func address(_ ip: String) throws -> SocketAddress {
        try #require(SocketAddress(ip: ip, port: 80))
    }

    @Test func `families alternate, and each connection begins with another address`() throws {
        let six = [try address("::1"), try address("::2")]
        let four = [try address("10.0.0.1"), try address("10.0.0.2"), try address("10.0.0.3")]
        let ordered = AddressOrder.order(six + four, turn: 0)
        #expect(ordered == [six[0], four[0], six[1], four[1], four[2]])
        let firsts = Set((0..<6).compactMap { AddressOrder.order(four, turn: $0).first })
        #expect(firsts == Set(four))
        #expect(AddressOrder.order(six + four, turn: 1).first == six[1])
        #expect(AddressOrder.order(four, turn: .max).count == 3)
    }
}
