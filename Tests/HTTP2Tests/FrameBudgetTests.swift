import Testing

@testable import HTTP2

@Suite struct FrameBudgetTests {
    private let ping = FrameHeader(length: 8, type: FrameType.ping, flags: 0, stream: 0)
    private let update = FrameHeader(length: 4, type: FrameType.windowUpdate, flags: 0, stream: 0)

    @Test func `a budget is whole again in the next window`() {
        var limits = HTTP2Limits()
        limits.pings = 3
        limits.windowNanoseconds = 100
        var budget = FrameBudget(limits)
        let verdicts = [10, 20, 30, 40, 109, 110, 120].map { budget.received(ping, at: $0) }
        #expect(verdicts == [nil, nil, nil, .pings, nil, nil, nil])
    }

    @Test func `window updates are free as long as bodies go out`() {
        var limits = HTTP2Limits()
        limits.windowUpdates = 2
        var budget = FrameBudget(limits)
        budget.sent(10 * 1_024)
        for _ in 0..<12 { #expect(budget.received(update, at: 1) == nil) }
        #expect(budget.received(update, at: 1) == .windowUpdates)
    }

    @Test func `budgets do not borrow from each other`() {
        var limits = HTTP2Limits()
        limits.pings = 1
        limits.settings = 1
        var budget = FrameBudget(limits)
        #expect(budget.received(ping, at: 1) == nil)
        #expect(budget.received(FrameHeader(length: 0, type: FrameType.settings, flags: 0, stream: 0), at: 1) == nil)
        #expect(budget.received(ping, at: 1) == .pings)
    }

    @Test func `DATA that ends its stream is never empty`() {
        var limits = HTTP2Limits()
        limits.emptyData = 0
        var budget = FrameBudget(limits)
        #expect(budget.received(FrameHeader(length: 0, type: FrameType.data, flags: 1, stream: 1), at: 1) == nil)
        #expect(budget.received(FrameHeader(length: 0, type: FrameType.data, flags: 0, stream: 1), at: 1) == .emptyData)
    }
}

@Suite struct PriorityTests {
    private func parsed(_ text: String) -> HTTP2Priority {
        Array(text.utf8).withUnsafeBytes { HTTP2Priority($0) }
    }

    @Test(arguments: [
        ("u=0", 0, false), ("u=7, i", 7, true), ("i", 3, true), ("i=?0, u=1", 1, false), ("u=9", 3, false),
        ("", 3, false), ("x=1,u=2,i=?1", 2, true),
    ])
    func `urgency and sharing are read as RFC 9218 has them`(text: String, urgency: UInt8, shares: Bool) {
        #expect(parsed(text).urgency == urgency)
        #expect(parsed(text).isIncremental == shares)
    }
}
