import Testing

@testable import Edge

@Suite struct StreamTableTests {
    private static let window = 30
    private static let grant: UInt64 = 0xabcd_ef01_2345_0001

    private func admit(
        _ table: StreamTable, _ address: UInt64, grant: UInt64 = StreamTableTests.grant, limit: Int = 2,
        at second: UInt64
    ) -> StreamTable.Admission {
        table.admit(address, of: grant, limit: limit, window: Self.window, at: second)
    }

    @Test func `one address is one stream, whatever it asks for at once`() {
        let table = StreamTable(capacity: 1024)
        for second in UInt64(100)..<200 {
            for _ in 0..<6 { #expect(admit(table, 1, limit: 1, at: second) == .admitted) }
        }
    }

    @Test func `one address more than allowed is refused until another falls silent`() {
        let table = StreamTable(capacity: 1024)
        #expect(admit(table, 1, at: 100) == .admitted)
        #expect(admit(table, 2, at: 110) == .admitted)
        #expect(admit(table, 3, at: 120) == .refused(afterSeconds: 11))
        #expect(admit(table, 2, at: 130) == .admitted)
        #expect(admit(table, 3, at: 130) == .refused(afterSeconds: 1))
        #expect(admit(table, 3, at: 131) == .admitted)
        #expect(admit(table, 1, at: 131) == .refused(afterSeconds: 30))
    }

    @Test func `a refused address takes no place and lengthens nothing`() {
        let table = StreamTable(capacity: 1024)
        #expect(admit(table, 1, limit: 1, at: 100) == .admitted)
        for second in UInt64(101)...130 {
            #expect(admit(table, 2, limit: 1, at: second) == .refused(afterSeconds: Int(131 - second)))
        }
        #expect(admit(table, 2, limit: 1, at: 131) == .admitted)
    }

    @Test func `grants do not count against each other`() {
        let table = StreamTable(capacity: StreamTable.ways)
        for grant in UInt64(1)...4 {
            #expect(admit(table, 1, grant: grant << 60, at: 100) == .admitted)
            #expect(admit(table, 2, grant: grant << 60, at: 100) == .admitted)
            #expect(admit(table, 3, grant: grant << 60, at: 100) == .refused(afterSeconds: 31))
        }
    }

    @Test func `without room nobody is refused and nobody who counts is forgotten`() {
        let table = StreamTable(capacity: StreamTable.ways)
        for grant in UInt64(1)...16 { #expect(admit(table, 1, grant: grant << 59, limit: 1, at: 100) == .admitted) }
        #expect(admit(table, 1, grant: 20 << 59, limit: 1, at: 110) == .uncounted)
        #expect(admit(table, 2, grant: 20 << 59, limit: 1, at: 110) == .uncounted)
        #expect(admit(table, 2, grant: 1 << 59, limit: 1, at: 110) == .refused(afterSeconds: 21))
        #expect(admit(table, 1, grant: 20 << 59, limit: 1, at: 131) == .admitted)
    }

    @Test func `loops whose clocks differ by a second agree`() {
        let table = StreamTable(capacity: 1024)
        #expect(admit(table, 1, limit: 1, at: 101) == .admitted)
        #expect(admit(table, 2, limit: 1, at: 100) == .refused(afterSeconds: 31))
        #expect(admit(table, 1, limit: 1, at: 100) == .admitted)
    }

    @Test func `the count of seconds may begin again`() {
        let table = StreamTable(capacity: 1024)
        let wrap: UInt64 = 1 << 20
        #expect(admit(table, 1, limit: 1, at: wrap - 5) == .admitted)
        #expect(admit(table, 2, limit: 1, at: wrap + 5) == .refused(afterSeconds: 21))
        #expect(admit(table, 2, limit: 1, at: wrap + 26) == .admitted)
    }

    @Test func `eight threads with an address each are never more than are allowed`() async {
        for round in UInt64(0)..<200 {
            let table = StreamTable(capacity: StreamTable.ways)
            let admitted = await withTaskGroup(of: StreamTable.Admission.self) { group in
                for address in UInt64(0)..<8 {
                    group.addTask {
                        table.admit(address, of: Self.grant ^ round << 50, limit: 2, window: Self.window, at: 100)
                    }
                }
                return await group.reduce(0) { $0 + ($1 == .admitted ? 1 : 0) }
            }
            #expect(admitted <= 2)
        }
    }

    @Test func `eight threads with one address are one stream`() async {
        for round in UInt64(0)..<200 {
            let table = StreamTable(capacity: StreamTable.ways)
            let admitted = await withTaskGroup(of: StreamTable.Admission.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        table.admit(1, of: Self.grant ^ round << 50, limit: 1, window: Self.window, at: 100)
                    }
                }
                return await group.reduce(0) { $0 + ($1 == .admitted ? 1 : 0) }
            }
            #expect(admitted == 8)
        }
    }
}
