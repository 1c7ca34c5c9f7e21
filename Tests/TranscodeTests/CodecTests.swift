import CMAF
import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

@Suite struct CodecTests {
    @Test(arguments: [(VideoCodec.hevc, "hvc1.1.6.L"), (.av1, "av01.0.00M.08")])
    func `a ladder in another codec comes after all in H.264, shows the same frames, and again in the same bytes`(
        codec: VideoCodec, name: String
    ) async throws {
        try await apart {
            let times = (0..<400).map { Int64($0) * 40 }
            let film = try NumberedFilm.bytes(times: times, group: 48)
            let first = try withBytes(film) { try Recorder.transcoding($0, codecs: [codec]) }
            let plan = try #require(first.plan)
            let sizes = plan.outline.renditions.indices.filter { plan.outline.renditions[$0].isVideo }
            let other = try #require(sizes.last)
            #expect(plan.outline.renditions[other].name.hasPrefix("\(codec.rawValue)-"))
            #expect(plan.outline.renditions[other].codec.hasPrefix(name))
            let units = plan.units.map { $0.renditions.contains(other) }
            #expect(units.last == true)
            #expect(units == units.filter { !$0 } + units.filter { $0 })
            let shown = try NumberedFilm.read(first.file(other), rate: 25)
            #expect(shown.numbers == Array(0..<400))
            #expect(shown.places == Array(0..<400))
            #expect(first.durations(other) == first.durations(0))
            let second = try withBytes(film) { try Recorder.transcoding($0, codecs: [codec]) }
            #expect(first.renditions == second.renditions)
        }
    }
}
