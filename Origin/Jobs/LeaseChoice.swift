internal import Catalog

/// Which of the waiting units a worker is given.
///
/// What a video needs to begin comes before all later spans, but not for ever: after `JobPolicy.openingsInARow` of them
/// one other unit has its turn. Within both kinds the owner for whom the least runs and ran lately comes first, then a
/// job whose upload the worker holds, then the older job.
struct LeaseChoice: Sendable {
    /// Openings leased one after the other while other work waited.
    private(set) var openingsInARow = 0

    /// The unit to lease; nil when there is none.
    ///
    /// `served` tells what counts against an owner; one that is not in it was given nothing lately.
    func choose(
        from candidates: [LeaseCandidate], served: [String: Double], holding sources: Set<String>, policy: JobPolicy
    ) -> LeaseCandidate? {
        let isOthersTurn = openingsInARow >= policy.openingsInARow && candidates.contains { !$0.isOpening }
        return candidates.min { left, right in
            if left.isOpening != right.isOpening { return left.isOpening != isOthersTurn }
            let (servedLeft, servedRight) = (served[left.ownerId] ?? 0, served[right.ownerId] ?? 0)
            if servedLeft != servedRight { return servedLeft < servedRight }
            let (holdsLeft, holdsRight) = (sources.contains(left.jobId), sources.contains(right.jobId))
            if holdsLeft != holdsRight { return holdsLeft }
            return (left.jobCreatedAt, left.jobId) < (right.jobCreatedAt, right.jobId)
        }
    }

    /// Notes that `chosen` was leased out of `candidates`.
    mutating func note(_ chosen: LeaseCandidate, outOf candidates: [LeaseCandidate]) {
        guard chosen.isOpening, candidates.contains(where: { !$0.isOpening }) else {
            openingsInARow = 0
            return
        }
        openingsInARow += 1
    }
}

extension ServedOwner {
    /// What counts against the owner: all that runs, and what ran, the less the longer ago.
    func weight(now: Int64, policy: JobPolicy) -> Double { runningSeconds + fadedSeconds(now: now, policy: policy) }

    /// What ran, the less the longer ago.
    func fadedSeconds(now: Int64, policy: JobPolicy) -> Double {
        // Halved in whole half-lives and evenly between them, which is near enough to the curve and needs no exponential.
        let halfLives = Double(max(0, now - servedAt)) / Double(policy.servedHalfLifeSeconds * 1_000)
        guard halfLives < Self.forgottenHalfLives else { return 0 }
        let whole = halfLives.rounded(.down)
        return servedSeconds * (1 - (halfLives - whole) / 2) / Double(1 << Int(whole))
    }

    /// After so many half-lives nothing is left.
    static let forgottenHalfLives = 12.0
}
