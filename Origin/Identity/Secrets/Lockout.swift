internal import Catalog

/// How guessing is slowed down: after five failures in a row each further one locks for 1, 2, 4 … seconds, at most 15
/// minutes; success or 15 quiet minutes after the lock start over. Attempts while locked are not looked at and lengthen nothing.
enum Lockout {
    static let quietMilliseconds: Int64 = 900_000
    private static let toleratedFailures = 5

    static func isLocked(_ attempts: IdentityAttempts, now: Int64) -> Bool {
        now < attempts.lockedUntil
    }

    static func afterFailure(_ attempts: IdentityAttempts, now: Int64) -> IdentityAttempts {
        var next = attempts
        if now - max(attempts.lastFailureAt, attempts.lockedUntil) >= quietMilliseconds { next.failures = 0 }
        next.failures += 1
        next.lastFailureAt = now
        if next.failures >= toleratedFailures {
            let doublings = min(next.failures - toleratedFailures, 20)
            next.lockedUntil = now + min(1000 << Int64(doublings), quietMilliseconds)
        }
        return next
    }
}
