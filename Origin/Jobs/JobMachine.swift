internal import Catalog

/// What became of a worker's report.
public enum JobOutcome: Sendable, Equatable {
    /// It took effect.
    case accepted
    /// It had taken effect before: the worker repeats itself.
    case repeated
    /// Another worker has the job, or nobody does; what this one has made counts for nothing.
    case leaseLost
    /// The attempt is over and another will follow.
    case requeued
    /// The job is given up.
    case dead
}

extension Job {
    /// Gives a queued job to a worker, under a fence no earlier worker has.
    mutating func lease(to worker: String, now: Int64, policy: JobPolicy) {
        precondition(state == .queued, "only a queued job is leased")
        state = .leased
        fence += 1
        attempts += 1
        workerId = worker
        leaseExpiresAt = now + Int64(policy.leaseSeconds) * 1_000
        updatedAt = now
    }

    /// Extends the lease; a lease that ran out but that nobody else has is extended as well.
    mutating func renew(fence: Int64, now: Int64, policy: JobPolicy) -> JobOutcome {
        guard state == .leased, self.fence == fence else { return .leaseLost }
        leaseExpiresAt = now + Int64(policy.leaseSeconds) * 1_000
        updatedAt = now
        return .accepted
    }

    /// Ends the job with success.
    mutating func complete(fence: Int64, now: Int64) -> JobOutcome {
        guard self.fence == fence else { return .leaseLost }
        guard state == .leased else { return state == .done ? .repeated : .leaseLost }
        state = .done
        leaseExpiresAt = nil
        lastFailure = nil
        updatedAt = now
        return .accepted
    }

    /// Ends the attempt without success.
    mutating func fail(
        fence: Int64, _ failure: VideoFailure, retryable: Bool, now: Int64, policy: JobPolicy
    ) -> JobOutcome {
        guard self.fence == fence else { return .leaseLost }
        guard state == .leased else { return state == .done ? .leaseLost : .repeated }
        return endAttempt(failure, retryable: retryable, now: now, policy: policy)
    }

    /// Takes the job from a worker that went silent.
    mutating func expire(now: Int64, policy: JobPolicy) -> JobOutcome {
        guard state == .leased, let expiry = leaseExpiresAt, expiry <= now else { return .leaseLost }
        let failure = VideoFailure(
            reason: "Transcoding stopped without a word and was given up.",
            detail: "the worker was silent for \(policy.leaseSeconds) s in attempt \(attempts) of "
                + "\(policy.maximumAttempts)")
        return endAttempt(failure, retryable: true, now: now, policy: policy)
    }

    /// Starts over, with all its attempts, on an administrator's word or for a new upload; false while a worker has it.
    mutating func restart(source: Source, now: Int64) -> Bool {
        guard state != .leased else { return false }
        self.source = source
        state = .queued
        attempts = 0
        availableAt = now
        lastFailure = nil
        updatedAt = now
        return true
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
