import SegmentStore
import Testing

@testable import Edge

/// Who joins a fill and who begins another.
@Suite struct FillTableTests {
    private let table = FillTable()

    private func ask(at now: Int64) -> FillTable.Joined {
        let budget = FillBudget(windowBytes: 1 << 20, totalBytes: 1 << 30)
        return table.joinOrBegin([1], now: now) { Fill(key: [1], fence: .zero, budget: budget) }
    }

    private func began(at now: Int64) throws -> Fill {
        guard case .began(let fill) = ask(at: now) else { throw Unexpected(what: "an older fill was joined") }
        return fill
    }

    private func head(freshUntil: Int64) -> FilledHead {
        var head = FilledHead()
        head.freshUntil = freshUntil
        return head
    }

    @Test func `a response on its way is for all who ask meanwhile, fresh or not`() throws {
        let fill = try began(at: 10)
        fill.enter(.streaming(head(freshUntil: 10)))
        guard case .joined(let joined) = ask(at: 11) else { throw Unexpected(what: "a second fill began") }
        #expect(joined === fill)
    }

    @Test func `a whole response that waits for the store is joined only while it is fresh`() throws {
        let first = try began(at: 10)
        first.enter(.complete(head(freshUntil: 12)))
        guard case .joined(let joined) = ask(at: 11) else { throw Unexpected(what: "a second fill began") }
        #expect(joined === first)

        let second = try began(at: 12)
        #expect(second !== first)
        table.remove(first)
        #expect(table.running([1]) === second)
    }
}
