import Conformance
import JSON
import Playlist
import Testing

@Suite struct ConformanceCheckTests {
    @Test func `a film without fault has no finding, and its facts are those of its bytes`() async throws {
        let report = await Film().report()
        #expect(report.findings.map { "\($0.rule.number) \($0.place) \($0.message)" } == [])
        #expect(report.verdict == .conforms)
        #expect(report.extent.playlists == 7)
        #expect(report.extent.segments == 4 * 4 + 2 * 21)
        #expect(report.renditions.count == 6)
        let large = try #require(report.renditions.first { $0.address == "large/index.m3u8" })
        #expect(large.codecs == ["avc1.64001e"])
        #expect(large.width == 640)
        #expect(large.height == 360)
        #expect(large.frameRate == 25)
        #expect(large.measuredSeconds == 21)
        #expect(large.longestKeyFrameSeconds == 2)
        #expect(large.videoRange == "SDR")
        let sound = try #require(report.renditions.first { $0.role == .audio })
        #expect(sound.codecs == ["mp4a.40.2"])
        #expect(sound.channels == 2)
        #expect(sound.sampleRate == 48_000)
    }
}
