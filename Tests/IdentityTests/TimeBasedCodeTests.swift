import Catalog
import Testing

@testable import Identity

@Suite struct TimeBasedCodeTests {
    private let secret = Array("12345678901234567890".utf8)

    // RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func `the vectors of RFC 6238 hold`(_ seconds: Int64, _ code: String) {
        #expect(TimeBasedCode.code(secret: secret, step: seconds / 30) == code)
    }

    @Test func `a code counts one step early and one late, and no further`() {
        let now: Int64 = 1_234_567_890
        for offset in -3...3 as ClosedRange<Int64> {
            let code = TimeBasedCode.code(secret: secret, step: now / 30 + offset)
            let outcome = TimeBasedCode.check(code, secret: secret, nowSeconds: now, lastAcceptedStep: -1)
            #expect(outcome == (abs(offset) <= 1 ? .accepted(step: now / 30 + offset) : .wrong), "offset \(offset)")
        }
    }

    @Test func `a step that was accepted, or an earlier one, is a replay`() {
        let now: Int64 = 1_234_567_890
        let step = now / 30
        let code = TimeBasedCode.code(secret: secret, step: step)
        #expect(TimeBasedCode.check(code, secret: secret, nowSeconds: now, lastAcceptedStep: step) == .replayed)
        #expect(TimeBasedCode.check(code, secret: secret, nowSeconds: now, lastAcceptedStep: step + 1) == .replayed)
        #expect(
            TimeBasedCode.check(code, secret: secret, nowSeconds: now, lastAcceptedStep: step - 1)
                == .accepted(step: step))
    }

    @Test(arguments: ["", "05924", "0005924", "٠٠٥٩٢٤", "00592a", " 05924", "-05924"])
    func `anything but six ASCII digits is wrong`(_ code: String) {
        #expect(
            TimeBasedCode.check(code, secret: secret, nowSeconds: 1_234_567_890, lastAcceptedStep: -1) == .wrong)
    }

    @Test func `the lock doubles from the fifth failure, is capped and forgets after a quiet time`() {
        var attempts = IdentityAttempts(subject: "s")
        var now: Int64 = 1_000_000
        var locks: [Int64] = []
        for _ in 0..<18 {
            attempts = Lockout.afterFailure(attempts, now: now)
            locks.append(max(0, attempts.lockedUntil - now) / 1000)
            now = max(now, attempts.lockedUntil)
        }
        #expect(locks == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900])
        #expect(!Lockout.isLocked(attempts, now: attempts.lockedUntil))
        #expect(Lockout.isLocked(attempts, now: attempts.lockedUntil - 1))
        #expect(Lockout.afterFailure(attempts, now: attempts.lockedUntil + 899_999).failures == 19)
        let later = Lockout.afterFailure(attempts, now: attempts.lockedUntil + 900_000)
        #expect(later.failures == 1)
    }
}
