internal import Catalog

/// What became of a worker's report.
public enum JobOutcome: Sendable, Equatable {
    /// It took effect.
    case accepted
    /// It had taken effect before: the worker repeats itself.
    case repeated
    /// Another worker has the unit, or nobody does; what this one has made counts for nothing.
    case leaseLost
    /// The attempt is over and another will follow.
    case requeued
    /// The unit is given up, and its job with it.
    case dead
}

extension JobUnit {
    /// Gives a queued unit to a worker, under a fence no earlier worker has.
    mutating func lease(to worker: String, fence: Int64, now: Int64, policy: JobPolicy) {
        precondition(state == .queued, "only a queued unit is leased")
        precondition(fence > self.fence, "a fence is never given twice")
        state = .leased
        self.fence = fence
        attempts += 1
        progress = 0
        workerId = worker
        leaseExpiresAt = now + Int64(policy.leaseSeconds) * 1_000
        updatedAt = now
    }

    /// Extends the lease; a lease that ran out but that nobody else has is extended as well.
    mutating func renew(fence: Int64, progress: Double? = nil, now: Int64, policy: JobPolicy) -> JobOutcome {
        guard state == .leased, self.fence == fence else { return .leaseLost }
        leaseExpiresAt = now + Int64(policy.leaseSeconds) * 1_000
        if let progress { self.progress = max(self.progress, progress) }
        updatedAt = now
        return .accepted
    }

    /// Ends the unit with success.
    mutating func complete(fence: Int64, notes: String?, now: Int64) -> JobOutcome {
        guard self.fence == fence else { return .leaseLost }
        guard state == .leased else { return state == .done ? .repeated : .leaseLost }
        state = .done
        leaseExpiresAt = nil
        lastFailure = nil
        progress = 1
        self.notes = notes
        updatedAt = now
        return .accepted
    }

    /// Ends the attempt without success.
    mutating func fail(
        fence: Int64, _ failure: VideoFailure, retryable: Bool, now: Int64, policy: JobPolicy
    ) -> JobOutcome {
        guard self.fence == fence else { return .leaseLost }
        guard state == .leased else { return state == .queued || state == .dead ? .repeated : .leaseLost }
        return endAttempt(failure, retryable: retryable, now: now, policy: policy)
    }

    /// Takes the unit from a worker that went silent.
    mutating func expire(now: Int64, policy: JobPolicy) -> JobOutcome {
        guard state == .leased, let expiry = leaseExpiresAt, expiry <= now else { return .leaseLost }
        let failure = VideoFailure(
            reason: "Transcoding stopped without a word and was given up.",
            detail: "\(kind.rawValue) unit \(number): the worker was silent for \(policy.leaseSeconds) s in attempt "
                + "\(attempts) of \(policy.maximumAttempts)")
        return endAttempt(failure, retryable: true, now: now, policy: policy)
    }

    private mutating func endAttempt(
        _ failure: VideoFailure, retryable: Bool, now: Int64, policy: JobPolicy
    ) -> JobOutcome {
        leaseExpiresAt = nil
        lastFailure = failure
        updatedAt = now
        guard retryable, attempts < policy.maximumAttempts else {
            state = .dead
            return .dead
        }
        state = .queued
        availableAt = now + policy.retryDelay(after: attempts)
        return .requeued
    }
}
