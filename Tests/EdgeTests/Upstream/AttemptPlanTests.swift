import Testing

@testable import Edge

@Suite struct AttemptPlanTests {
    private func plan(
        _ members: [AttemptPlan.Member], statuses: Set<Int> = [503], isSafe: Bool = true, hasBody: Bool = false
    ) -> AttemptPlan {
        var plan = AttemptPlan(members: members, statuses: statuses, isSafe: isSafe, hasBody: hasBody)
        plan.started()
        return plan
    }

    @Test func `an origin that cannot be reached is asked as often as its attempts, then the next one`() {
        var plan = plan([.init(attempts: 2), .init(attempts: 1)])
        #expect(plan.failed(.notSent) == .again)
        plan.started()
        #expect(plan.failed(.notSent) == .failOver)
        #expect(plan.member == 1)
        plan.started()
        #expect(plan.failed(.notSent) == .giveUp)
    }

    @Test func `a server that was asked and did not answer is not asked again, another one of the origin is`() {
        var alone = plan([.init(attempts: 3)])
        #expect(alone.failed(.unanswered) == .giveUp)
        var two = plan([.init(servers: 2, attempts: 3)])
        #expect(two.failed(.unanswered) == .again)
        two.started()
        #expect(two.failed(.unanswered) == .giveUp)
    }

    @Test func `a listed status fails over, any other is the answer, and the last origin's is whatever it is`() {
        var plan = plan([.init(attempts: 2), .init(attempts: 2)])
        var other = plan
        #expect(other.headArrived(status: 500) == .giveUp)
        #expect(plan.headArrived(status: 503) == .failOver)
        plan.started()
        #expect(plan.headArrived(status: 503) == .giveUp)
    }

    @Test func `an unsafe method moves on only while the origin has seen nothing, and never to another origin`() {
        let members = [AttemptPlan.Member(servers: 2, attempts: 2), .init(attempts: 1)]
        var unanswered = plan(members, isSafe: false)
        #expect(unanswered.failed(.unanswered) == .giveUp)
        var unsent = plan(members, isSafe: false)
        #expect(unsent.failed(.notSent) == .again)
        unsent.started()
        #expect(unsent.failed(.notSent) == .giveUp)
        var answered = plan(members, isSafe: false)
        #expect(answered.headArrived(status: 503) == .giveUp)
    }

    @Test func `a request with a body and one that our own limits stopped are not tried again`() {
        let members = [AttemptPlan.Member(attempts: 2), .init(attempts: 2)]
        var body = plan(members, hasBody: true)
        #expect(body.failed(.notSent) == .giveUp)
        var limited = plan(members)
        #expect(limited.failed(.own) == .giveUp)
    }

    @Test func `an origin that is down is passed over, unless all are`() {
        let down = AttemptPlan.Member(attempts: 1, isUsable: false)
        #expect(plan([down, .init(attempts: 1)]).member == 1)
        #expect(plan([down, down]).member == 0)
        var skipping = plan([.init(attempts: 1), down, .init(attempts: 1)])
        #expect(skipping.failed(.notSent) == .failOver)
        #expect(skipping.member == 2)
        #expect(plan([down, .init(attempts: 1)], isSafe: false).member == 0, "writes stay with the first origin")
    }

    @Test func `a retry the budget denies goes to the next origin, or ends`() {
        var two = plan([.init(attempts: 2), .init(attempts: 1)])
        #expect(two.failed(.notSent) == .again)
        #expect(two.retryDenied() == .failOver)
        var one = plan([.init(attempts: 2)])
        #expect(one.failed(.notSent) == .again)
        #expect(one.retryDenied() == .giveUp)
    }
}

@Suite struct ServerChoiceTests {
    private typealias Candidate = ServerChoice.Candidate

    @Test func `round robin takes one after the other`() {
        let choice = ServerChoice(balancing: .roundRobin)
        let three = [Candidate](repeating: Candidate(isUsable: true), count: 3)
        #expect((0..<6).map { choice.pick(three, turn: $0) } == [0, 1, 2, 0, 1, 2])
        #expect((0..<3).contains(choice.pick(three, turn: .min)))
    }

    @Test func `least outstanding takes the idlest, and turns among equals`() {
        let choice = ServerChoice(balancing: .leastOutstanding)
        let loaded = [3, 1, 2].map { Candidate(isUsable: true, outstanding: $0) }
        #expect((0..<3).map { choice.pick(loaded, turn: $0) } == [1, 1, 1])
        let equal = [1, 1, 5].map { Candidate(isUsable: true, outstanding: $0) }
        #expect(Set((0..<3).map { choice.pick(equal, turn: $0) }) == [0, 1])
    }

    @Test func `unusable servers are asked only when no other is left, tried ones last`() {
        let choice = ServerChoice(balancing: .roundRobin)
        let oneLeft = [Candidate(isUsable: false), Candidate(isUsable: true), Candidate(isUsable: false)]
        for turn in 0..<3 { #expect(choice.pick(oneLeft, turn: turn) == 1) }
        let noneLeft = [Candidate(isUsable: false), Candidate(isUsable: false)]
        #expect(Set((0..<2).map { choice.pick(noneLeft, turn: $0) }) == [0, 1])
        let tried = [Candidate(isUsable: true, isTried: true), Candidate(isUsable: false)]
        for turn in 0..<2 { #expect(choice.pick(tried, turn: turn) == 1) }
    }
}

@Suite struct RetryBudgetTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `what is saved up is spent, then only what requests earn`() {
        var budget = RetryBudget(ratio: 0.2)
        let now = Self.second
        for _ in 0..<RetryBudget.savedRetries { #expect(budget.withdraw(requests: 0, at: now) == true) }
        #expect(budget.withdraw(requests: 0, at: now) == false)
        let granted = (1...100).count { budget.withdraw(requests: $0, at: now) }
        #expect((19...20).contains(granted), "100 requests at 20 percent, less rounding")
    }

    @Test func `a quiet edge earns one a second and never more than it may save`() {
        var budget = RetryBudget(ratio: 0.2)
        for _ in 0..<20 { _ = budget.withdraw(requests: 0, at: Self.second) }
        #expect(budget.withdraw(requests: 0, at: Self.second) == false)
        #expect(budget.withdraw(requests: 0, at: 3 * Self.second) == true)
        let afterLong = (0..<50).count { _ in budget.withdraw(requests: 1_000_000, at: 1000 * Self.second) }
        #expect(afterLong == RetryBudget.savedRetries)
    }

    @Test func `a ratio of zero allows none`() {
        var budget = RetryBudget(ratio: 0)
        #expect(budget.withdraw(requests: 1000, at: Self.second) == false)
    }
}
