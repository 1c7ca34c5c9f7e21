import Conformance
import Playlist
import Testing

@Suite struct TransportTests {
    private static let sequence = SequenceSpec(width: 320, height: 180, level: 12)

    private static func film(_ segments: [[UInt8]]) -> Film {
        var film = Film(rungs: [])
        for (index, bytes) in segments.enumerated() { film.files["\(index + 1).ts"] = bytes }
        film.playlists["index.m3u8"] = MediaPlaylist(
            version: 3, targetDurationSeconds: 6, kind: .vod,
            segments: segments.indices.map { .init(uri: "\($0 + 1).ts", durationMicroseconds: 6_000_000) },
            isEnded: true)
        return film
    }

    private static func segments() -> [[UInt8]] {
        (0..<3).map { TransportWriter.segment(from: $0 * 150, frames: 150, sequence: sequence) }
    }

    @Test func `a transport stream without fault has no finding, and its facts are those of its bytes`() async throws {
        let report = await Self.film(Self.segments()).report()
        #expect(report.rules == ["measurement"], "\(report.text)")
        let facts = try #require(report.renditions.first)
        #expect(facts.container == "mpegts")
        #expect(facts.codecs == ["avc1.64000c", "mp4a.40.2"])
        #expect(facts.width == 320)
        #expect(facts.height == 180)
        #expect(facts.frameRate == 25)
        #expect(facts.measuredSeconds == 18)
        #expect(facts.longestKeyFrameSeconds == 2)
        #expect(facts.channels == 2)
        #expect(facts.sampleRate == 48_000)
    }

    @Test func `a clock of 33 bits that begins anew goes on`() async {
        let shift = (1 << 33) - 900_000 - 200 * 3_600
        let segments = (0..<3).map {
            TransportWriter.segment(from: $0 * 150, frames: 150, sequence: Self.sequence, shift: shift)
        }
        let report = await Self.film(segments).report()
        #expect(report.rules == ["measurement"], "\(report.text)")
        #expect(report.renditions.first?.measuredSeconds == 18)
    }

    @Test(arguments: [
        ("a segment that begins with no IDR", "7.4"), ("a packet that is lost", "7.2"), ("times that leap", "7.2"),
        ("no tables", "RFC 8216 §3.2"), ("two programs", "RFC 8216 §3.2"), ("two sounds", "2.17"),
        ("half a packet", "RFC 8216 §3.2"),
    ])
    func `a fault is found by its rule`(fault: String, rule: String) async {
        var segments = Self.segments()
        switch fault {
        case "a segment that begins with no IDR":
            segments[1] = TransportWriter.segment(from: 150, frames: 150, sequence: Self.sequence, beginsWithIDR: false)
        case "a packet that is lost": segments[1].removeSubrange(188 * 100..<188 * 101)
        case "times that leap":
            segments[1] = TransportWriter.segment(from: 150, frames: 150, sequence: Self.sequence, shift: 90_000)
        case "no tables":
            segments[1] = TransportWriter.segment(from: 150, frames: 150, sequence: Self.sequence) {
                $0.hasTables = false
            }
        case "two programs":
            segments[1] = TransportWriter.segment(from: 150, frames: 150, sequence: Self.sequence) { $0.programs = 2 }
        case "two sounds":
            segments[1] = TransportWriter.segment(from: 150, frames: 150, sequence: Self.sequence, sounds: 2)
        default: segments[1].removeLast(94)
        }
        let report = await Self.film(segments).report()
        #expect(report.rules.contains(rule), "\(report.text)")
        #expect(report.verdict == .violates)
    }

    @Test func `pictures and sound in one stream are advised against`() async {
        var film = Self.film(Self.segments())
        film.playlists["all.m3u8"] = film.playlists["index.m3u8"]
        film.playlists["index.m3u8"] = nil
        film.multivariant = MultivariantPlaylist(variants: [
            .init(
                uri: "all.m3u8", bandwidth: film.rate(of: "all.m3u8").peak,
                averageBandwidth: film.rate(of: "all.m3u8").average, codecs: ["avc1.64000c", "mp4a.40.2"],
                resolution: .init(width: 320, height: 180), frameRateThousandths: 25_000, statesNoClosedCaptions: true)
        ])
        let report = await film.report()
        #expect(report.rules == ["6.1", "9.5", "9.9"], "\(report.text)")
    }

    @Test func `packed sound is measured, and its tag says when it is heard`() async throws {
        let owner = Array("com.apple.streaming.transportStreamTimestamp".utf8) + [0]
        func segment(_ number: Int) -> [UInt8] {
            let ticks = UInt64(number * 281 * 1_024 * 90 / 48)
            let content = owner + (0..<8).map { UInt8(truncatingIfNeeded: ticks >> (56 - 8 * UInt64($0))) }
            let frame = Array("PRIV".utf8) + [0, 0, 0, UInt8(content.count), 0, 0] + content
            return Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, UInt8(frame.count)] + frame
                + TransportWriter.sound(frames: 281)
        }
        var film = Self.film((0..<3).map(segment))
        for index in 0..<3 { film.playlists["index.m3u8"]?.segments[index].durationMicroseconds = 5_994_667 }
        let report = await film.report()
        #expect(report.rules == ["measurement"], "\(report.text)")
        #expect(report.renditions.first?.codecs == ["mp4a.40.2"])
        let untagged = await Self.film([TransportWriter.sound(frames: 281)]).report()
        #expect(untagged.rules.contains("RFC 8216 §3.4"))
    }
}
