/// How requests are spread over the servers of one origin.
enum Balancing: String, Sendable, Equatable {
    /// One after the other.
    case roundRobin = "round-robin"
    /// The one with the fewest requests under way; among equals, one after the other.
    case leastOutstanding = "least-outstanding"
}

/// Picks the server of an origin that gets the next attempt.
struct ServerChoice: Equatable {
    /// What counts about a server.
    struct Candidate: Equatable {
        var isUsable: Bool
        /// Whether this request has failed there already.
        var isTried = false
        var outstanding = 0
    }

    let balancing: Balancing

    /// The index of the server to ask. Untried ones come first, unusable ones only when no usable one is left: with every
    /// server in doubt it is better to ask one than to fail at once.
    ///
    /// - Parameter turn: any number that grows by one from request to request.
    func pick(_ candidates: [Candidate], turn: Int) -> Int {
        precondition(!candidates.isEmpty, "an origin without servers")
        let start = Int(UInt(bitPattern: turn) % UInt(candidates.count))
        var best = start
        for step in 1..<max(1, candidates.count) {
            let index = (start + step) % candidates.count
            if isBetter(candidates[index], than: candidates[best]) { best = index }
        }
        return best
    }

    private func isBetter(_ left: Candidate, than right: Candidate) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        return balancing == .leastOutstanding && left.outstanding < right.outstanding
    }
}

extension ServerChoice.Candidate {
    /// A tried server that is thought usable is a worse bet than an untried one that is not.
    fileprivate var rank: Int {
        switch (isTried, isUsable) {
        case (false, true): 0
        case (false, false): 1
        case (true, true): 2
        case (true, false): 3
        }
    }
}
