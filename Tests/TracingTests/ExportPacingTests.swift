import Testing

@testable import Tracing

struct ExportPacingTests {
    @Test func `an answer says whether to come back`() {
        func outcome(_ status: Int, _ after: String? = nil) -> ExportPacing.Outcome {
            ExportPacing.Outcome(status: status, retryAfter: after, body: [])
        }
        #expect(outcome(200) == .accepted(rejected: 0))
        #expect(outcome(202) == .accepted(rejected: 0))
        for status in [429, 502, 503, 504] { #expect(outcome(status, "7") == .unavailable(afterSeconds: 7)) }
        #expect(outcome(503, "Wed, 21 Oct 2015 07:28:00 GMT") == .unavailable(afterSeconds: nil))
        for status in [301, 400, 401, 404, 413, 500] { #expect(outcome(status) == .refused("status \(status)")) }
    }

    @Test func `waits double, and the fifth failure of a batch is its last`() {
        var pacing = ExportPacing()
        let away = ExportPacing.Outcome.unavailable(afterSeconds: nil)
        let waits = (0..<5).map { _ in pacing.sent(away, jitter: 1) }
        #expect(
            waits == [
                .retry(after: .seconds(1)), .retry(after: .seconds(2)), .retry(after: .seconds(4)),
                .retry(after: .seconds(8)), .drop,
            ])
        #expect(pacing.sent(away, jitter: 0) == .retry(after: .milliseconds(500)))
    }

    @Test func `a collector that says when is believed, up to half a minute`() {
        var pacing = ExportPacing()
        #expect(pacing.sent(.unavailable(afterSeconds: 12), jitter: 0) == .retry(after: .seconds(12)))
        #expect(pacing.sent(.unavailable(afterSeconds: .max), jitter: 0) == .retry(after: .seconds(30)))
        #expect(pacing.sent(.unavailable(afterSeconds: -5), jitter: 1) == .retry(after: .seconds(4)))
    }

    @Test func `success and refusal begin anew`() {
        var pacing = ExportPacing()
        _ = pacing.sent(.unavailable(afterSeconds: nil), jitter: 0)
        #expect(pacing.sent(.accepted(rejected: 3), jitter: 0) == .proceed)
        #expect(pacing == ExportPacing())
        _ = pacing.sent(.unavailable(afterSeconds: nil), jitter: 0)
        #expect(pacing.sent(.refused("status 400"), jitter: 0) == .drop)
        #expect(pacing == ExportPacing())
    }
}
