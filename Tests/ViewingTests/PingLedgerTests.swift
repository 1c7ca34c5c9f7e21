import Catalog
import Testing

@testable import Viewing

@Suite struct PingLedgerTests {
    private func ledger(capacity: Int = 100, batch: Int = 100) -> PingLedger {
        PingLedger(capacity: capacity, batch: batch, patience: 1_000, source: "test")
    }

    private func ping(
        _ session: String, video: String = "v", account: String? = nil, at position: Double = 0
    ) -> Ping {
        Ping(videoId: video, sessionId: session, accountId: account, positionSeconds: position)
    }

    @Test func `pings of one session become one entry that says where it stands now`() {
        var ledger = ledger()
        #expect(ledger.add(ping("s", account: "anna", at: 1), at: 10) == .taken(isFirst: true, isEnough: false))
        #expect(ledger.add(ping("s", at: 9), at: 20) == .taken(isFirst: false, isEnough: false))
        #expect(ledger.add(ping("s", video: "w"), at: 30) == .taken(isFirst: false, isEnough: false))
        let sessions = ledger.begin().sessions.sorted { $0.videoId < $1.videoId }
        #expect(sessions.count == 2)
        #expect(
            sessions.first
                == ViewSession(
                    videoId: "v", sessionId: "s", accountId: "anna", positionSeconds: 9, startedAt: 10, lastSeenAt: 20))
    }

    @Test func `what comes during a write waits for the next one`() {
        var ledger = ledger()
        _ = ledger.add(ping("one"), at: 0)
        #expect(ledger.begin().sessions.map(\.sessionId) == ["one"])
        #expect(ledger.add(ping("two"), at: 1) == .taken(isFirst: true, isEnough: false))
        #expect(ledger.begin().sessions.isEmpty, "one write at a time")
        ledger.written()
        #expect(ledger.begin().sessions.map(\.sessionId) == ["two"])
        ledger.written()
        #expect(ledger.count == 0)
    }

    @Test func `what was not written waits again, and later pings count more`() {
        var ledger = ledger()
        _ = ledger.add(ping("s", account: "anna", at: 5), at: 10)
        _ = ledger.begin()
        _ = ledger.add(ping("s", at: 8), at: 20)
        ledger.failed()
        #expect(
            ledger.begin().sessions == [
                ViewSession(
                    videoId: "v", sessionId: "s", accountId: "anna", positionSeconds: 8, startedAt: 10, lastSeenAt: 20)
            ])
    }

    @Test func `figures that may have been written keep their name, and what comes later has another`() {
        var ledger = ledger()
        func tell(_ watched: Int64) {
            var tally = WatchTally()
            tally.statistics.watchedMilliseconds = watched
            _ = ledger.add(ping("s"), at: 0)
            ledger.add(tally, videoId: "v")
        }
        func told(_ tallies: [TallyBatch]) -> [[Int64]] {
            tallies.map { [$0.id.number, $0.tallies["v"]?.statistics.watchedMilliseconds ?? 0] }
        }
        tell(1)
        tell(2)
        #expect(told(ledger.begin().tallies) == [[1, 3]])
        tell(10)
        ledger.failed()
        let again = ledger.begin().tallies
        #expect(told(again) == [[1, 3], [2, 10]] && again.allSatisfy { $0.id.source == "test" })
        ledger.written()
        tell(100)
        #expect(told(ledger.begin().tallies) == [[3, 100]])
    }

    @Test func `a full ledger refuses new sessions and goes on with those it has`() {
        var ledger = ledger(capacity: 2, batch: 2)
        _ = ledger.add(ping("one"), at: 0)
        #expect(ledger.add(ping("two"), at: 0) == .taken(isFirst: false, isEnough: true))
        #expect(ledger.add(ping("three"), at: 0) == .refused)
        #expect(ledger.add(ping("two", at: 7), at: 0) == .taken(isFirst: false, isEnough: true))
        _ = ledger.begin()
        #expect(ledger.add(ping("three"), at: 0) == .refused, "what is under way takes room, too")
        ledger.written()
        #expect(ledger.add(ping("three"), at: 0) == .taken(isFirst: true, isEnough: false))
    }

    @Test func `nothing is promised while what was promised a second ago is not kept`() {
        var ledger = ledger()
        _ = ledger.add(ping("one"), at: 0)
        _ = ledger.begin()
        #expect(ledger.add(ping("two"), at: 999) != .refused)
        #expect(ledger.add(ping("two"), at: 1_000) == .refused)
        ledger.failed()
        #expect(ledger.add(ping("one"), at: 1_000) == .refused)
        _ = ledger.begin()
        ledger.written()
        #expect(ledger.add(ping("two"), at: 1_000) != .refused)
    }

    @Test func `what is forgotten does not come back with a write that fails`() {
        var ledger = ledger()
        _ = ledger.add(ping("s", account: "anna"), at: 0)
        _ = ledger.add(ping("t", video: "w", account: "anna"), at: 0)
        _ = ledger.begin()
        _ = ledger.add(ping("s", account: "anna"), at: 1)
        _ = ledger.add(ping("u", account: "ben"), at: 1)
        ledger.forget(accountId: "anna", videoId: "v")
        ledger.failed()
        let accounts = Dictionary(uniqueKeysWithValues: ledger.begin().sessions.map { ($0.sessionId, $0.accountId) })
        #expect(accounts == ["s": nil, "t": "anna", "u": "ben"])
    }
}
