/// Decides how often, and where next, one request is tried. It knows no server by name, no clock and no bytes.
///
/// An attempt may be followed by another one only while the client has seen nothing and the origin can have done nothing
/// that may not be done twice: any method when the request was not sent at all, else only GET, HEAD and OPTIONS, as
/// CloudFront has it. A request with a body is never sent twice: the body is gone.
struct AttemptPlan: Equatable {
    /// One origin of the group.
    struct Member: Equatable {
        /// Servers behind it.
        var servers = 1
        /// `ConnectionAttempts`.
        var attempts: Int
        /// Whether at least one of its servers should get requests.
        var isUsable = true
    }

    /// Why an attempt brought no response head.
    enum Failure: Equatable {
        /// The origin has seen nothing of the request.
        case notSent
        /// It may have seen the request, and did not answer.
        case unanswered
        /// Not the origin's doing: our own limits, or a request that cannot be sent.
        case own
    }

    enum Step: Equatable {
        /// Ask the same origin again, another server of it if there is one. Costs a retry of its budget.
        case again
        /// Ask the next origin of the group.
        case failOver
        /// The caller hears of it.
        case giveUp
    }

    private let members: [Member]
    /// Statuses for which the next origin is asked.
    private let statuses: Set<Int>
    private let isSafe: Bool
    private let hasBody: Bool
    /// The origin being asked.
    private(set) var member: Int
    private var attemptsHere = 0

    /// - Parameters:
    ///   - members: in the order they are asked; those that are not usable are passed over while a usable one follows.
    ///   - isSafe: GET, HEAD or OPTIONS.
    init(members: [Member], statuses: Set<Int>, isSafe: Bool, hasBody: Bool) {
        precondition(!members.isEmpty, "a group without origins")
        self.members = members
        self.statuses = statuses
        self.isSafe = isSafe
        self.hasBody = hasBody
        member = isSafe ? members.firstIndex(where: \.isUsable) ?? 0 : 0
    }

    /// An attempt begins.
    mutating func started() {
        attemptsHere += 1
    }

    /// The attempt brought no response head.
    mutating func failed(_ failure: Failure) -> Step {
        if failure == .own || hasBody { return .giveUp }
        if failure == .unanswered, !isSafe { return .giveUp }
        let here = members[member]
        let mayAskAgain = failure == .notSent || attemptsHere < here.servers
        if attemptsHere < here.attempts, mayAskAgain { return .again }
        return failOver()
    }

    /// A response head arrived. `.giveUp` means: it is the answer.
    mutating func headArrived(status: Int) -> Step {
        guard statuses.contains(status), isSafe, !hasBody else { return .giveUp }
        return failOver()
    }

    /// The budget does not allow to ask the same origin again.
    mutating func retryDenied() -> Step {
        failOver()
    }

    private mutating func failOver() -> Step {
        guard isSafe else { return .giveUp }
        let rest = members.indices[(member + 1)...]
        guard let next = rest.first(where: { members[$0].isUsable }) ?? rest.first else { return .giveUp }
        member = next
        attemptsHere = 0
        return .failOver
    }
}
