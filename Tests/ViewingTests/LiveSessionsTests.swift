import Catalog
import Testing

@testable import Viewing

@Suite struct LiveSessionsTests {
    private func ping(_ event: PlayerEvent, at position: Double, session: String = "s") -> Ping {
        Ping(videoId: "v", sessionId: session, accountId: nil, positionSeconds: position, event: event)
    }

    /// Event, position and seconds since the ping before, and what was played since then.
    private static let sittings: [[(PlayerEvent, Double, Int64, Range<Double>?)]] = [
        [
            (.play, 0, 0, nil), (.progress, 10, 10, 0..<10), (.pause, 14, 4, 10..<14), (.play, 14, 60, nil),
            (.ended, 20, 6, 14..<20),
        ],
        [(.play, 0, 0, nil), (.stall, 3, 3, 0..<3), (.play, 3, 9, nil), (.progress, 5, 2, 3..<5)],
        [
            (.play, 0, 0, nil), (.seek, 100, 2, nil), (.progress, 105, 5, 100..<105), (.seek, 50, 1, nil),
            (.pause, 52, 2, 50..<52),
        ],
        [(.play, 0, 0, nil), (.progress, 40, 10, 0..<40), (.progress, 83, 10, nil), (.progress, 80, 10, nil)],
        [(.pause, 5, 0, nil), (.seek, 20, 1, nil), (.progress, 21, 1, nil)],
        [(.progress, 5, 0, nil), (.progress, 50, 45, nil)],
    ]

    @Test(arguments: sittings.indices)
    func `what was played lies between a ping that plays and the next`(_ index: Int) {
        var live = LiveSessions(capacity: 9)
        var now: Int64 = 1_000_000
        for (event, position, seconds, played) in Self.sittings[index] {
            now += seconds * 1_000
            #expect(live.note(ping(event, at: position), at: now) == played, "\(event) at \(position)")
        }
    }

    @Test func `those watch who have not ended and said something lately`() {
        var live = LiveSessions(capacity: 2)
        _ = live.note(ping(.play, at: 0, session: "a"), at: 0)
        _ = live.note(ping(.play, at: 0, session: "b"), at: 40_000)
        #expect(live.viewers(of: "v") == 2)
        #expect(live.note(ping(.play, at: 0, session: "c"), at: 40_000) == nil && live.viewers(of: "v") == 2, "full")
        _ = live.note(ping(.progress, at: 10, session: "b"), at: 52_000)
        #expect(live.viewers(of: "v") == 1, "a is silent for longer than anybody who watches")
        _ = live.note(ping(.ended, at: 11, session: "b"), at: 53_000)
        #expect(live.viewers(of: "v") == 0)
    }

    @Test func `a span is told part by part of the video`() {
        var ping = ping(.progress, at: 0)
        ping.startupMilliseconds = 300
        ping.stalledMilliseconds = 50
        let tally = WatchTally(ping, played: 1.5..<4, duration: 100, viewers: 3)
        #expect(tally.slots == [1: 500, 2: 1_000, 3: 1_000])
        #expect(tally.statistics.watchedMilliseconds == 2_500 && tally.statistics.peakViewers == 3)
        #expect(tally.statistics.startups == 1 && tally.statistics.startupMilliseconds == 300)
        #expect(tally.statistics.stalls == 1 && tally.statistics.stalledMilliseconds == 50)
        let end = WatchTally(self.ping(.ended, at: 0), played: 99.5..<108, duration: 100, viewers: 0)
        #expect(end.slots == [99: 500], "what is behind the end is no part of it")
        #expect(WatchTally(self.ping(.ended, at: 0), played: 1..<2, duration: nil, viewers: 0).slots.isEmpty)
    }
}
