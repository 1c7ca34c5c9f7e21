import Conformance
import JSON
import Playlist
import Synchronization
import Testing

@Suite struct ReadAheadTests {
    @Test(.timeLimit(.minutes(1)))
    func `a segment that comes late is measured in its place`() async throws {
        var film = Film()
        film.files["large/3.m4s"] = nil
        let expected = await film.report()
        let (answered, answer) = AsyncStream<Void>.makeStream()
        let report = await film.report(delayed: { address in
            if address == "large/4.m4s" { answer.finish() }
            // The first one waits until the last one was asked for.
            if address == "large/1.m4s" { for await _ in answered {} }
        })
        #expect(report.json == expected.json)
        #expect(report.findings.contains { $0.place.segment == 3 })
    }

    @Test func `no more than four segments are asked for at a time`() async throws {
        let asked = Mutex((now: 0, most: 0))
        let report = await Film().report(delayed: { _ in
            asked.withLock { asked in
                asked.now += 1
                asked.most = max(asked.most, asked.now)
            }
            for _ in 0..<20 { await Task.yield() }
            asked.withLock { $0.now -= 1 }
        })
        #expect(report.verdict == .conforms)
        #expect((2...4).contains(asked.withLock { $0.most }))
    }

    @Test func `gaps and ranges that nobody knows are not asked for`() async throws {
        var film = Film()
        film.playlists["large/index.m3u8"]?.segments[1].isGap = true
        film.playlists["large/index.m3u8"]?.segments[2].byteRange = .init(length: 9)
        let asked = Mutex<[String]>([])
        let report = await film.report(delayed: { address in asked.withLock { $0.append(address) } })
        let large = asked.withLock { $0 }.filter { $0.hasPrefix("large/") && $0.hasSuffix(".m4s") }
        #expect(Set(large) == ["large/1.m4s", "large/4.m4s"])
        #expect(report.findings.contains { $0.place.playlist == "large/index.m3u8" && $0.place.segment == 3 })
    }
}
