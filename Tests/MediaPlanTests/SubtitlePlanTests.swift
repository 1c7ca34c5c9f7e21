import JSON
import MediaPlan
import Testing

@Suite struct SubtitlePlanTests {
    private func media(_ subtitles: [ProbedSubtitles]) throws -> ProbedMedia {
        var media = try film(640, 360)
        media.subtitles = subtitles
        for stream in subtitles {
            var probed = ProbedStream(
                index: stream.streamIndex, kind: .subtitles, codec: stream.codec, isDecodable: true)
            probed.measured = MeasuredStream(packets: 1, bytes: 9, startMicroseconds: -9_000_000)
            media.streams.append(probed)
        }
        return media
    }

    @Test func `every stream of text is planned, in the file's order, with its language and kind`() throws {
        let plan = try MediaPlan(
            for: media([
                .init(streamIndex: 3, codec: "subrip", language: "ger"),
                .init(streamIndex: 4, codec: "ass", language: "und", title: " Sign\u{7}s ", isForced: true),
                .init(streamIndex: 9, codec: "mov_text", language: "eng", title: "\u{200e}\n", describesSound: true),
            ]))
        #expect(
            plan.subtitles == [
                SubtitlePlan(streamIndex: 3, name: "subtitles", language: "de"),
                SubtitlePlan(streamIndex: 4, name: "subtitles-2", title: "Sign s", isForced: true),
                SubtitlePlan(streamIndex: 9, name: "subtitles-3", language: "en", describesSound: true),
            ])
        #expect(plan.decisions.contains { $0.subject == "subtitles-2" && $0.choice.contains("without colours") })
        #expect(plan.originMicroseconds == 0, "what is read does not move the film's beginning")
        #expect(MediaPlan(json: plan.json) == plan)
    }

    @Test func `streams without texts, and more than are played, are left out with the reason`() throws {
        var media = try media((0..<40).map { .init(streamIndex: 1 + $0, codec: "subrip") })
        media.streams[1].measured.packets = 0
        let plan = try MediaPlan(for: media)
        #expect(plan.subtitles.map(\.streamIndex) == Array(2..<34))
        #expect(plan.decisions.contains { $0.subject == "subtitles" && $0.reason.contains("39") })
        let streams = plan.explanation(of: media)["source"]?["streams"]?.array ?? []
        #expect(streams[1]["decision"]?.string == "not used: none of it is there")
        #expect(streams[40]["decision"]?.string == "not used: too many streams of subtitles")
    }

    @Test func `pictures of text and unknown codecs are named as the reason`() throws {
        var media = try film(640, 360)
        var pictures = ProbedStream(index: 1, kind: .subtitles, codec: "hdmv_pgs_subtitle", isDecodable: false)
        pictures.showsTextAsPictures = true
        media.streams += [pictures, ProbedStream(index: 2, kind: .subtitles, codec: "ttml", isDecodable: false)]
        let streams = try MediaPlan(for: media).explanation(of: media)["source"]?["streams"]?.array ?? []
        #expect(
            streams.dropFirst().compactMap { $0["decision"]?.string } == [
                "not used: these subtitles are pictures (hdmv_pgs_subtitle), not text",
                "not used: Weir does not read ttml",
            ])
    }

    @Test func `long titles are cut, and no title leaves its quotes`() throws {
        let hostile = String(repeating: "a\"", count: 500) + "\n#EXT-X-ENDLIST"
        let plan = try MediaPlan(for: media([.init(streamIndex: 1, codec: "subrip", title: hostile)]))
        let title = try #require(plan.subtitles.first?.title)
        #expect(title.count == 64 && !title.contains("\""))
        let marks = String(repeating: "e" + String(repeating: "\u{301}", count: 300), count: 80)
        let marked = try MediaPlan(for: media([.init(streamIndex: 1, codec: "subrip", title: marks)]))
        #expect(marked.subtitles.first?.title == nil)
    }

    @Test(arguments: ["name", "language", "title", "forced", "describesSound", "stream"])
    func `a plan of subtitles with anything out of place is not taken`(key: String) throws {
        let plan = try MediaPlan(for: media([.init(streamIndex: 1, codec: "subrip", language: "eng", title: "T")]))
        guard case .object(var object) = plan.json, case .object(var text)? = plan.json["subtitles"]?[0] else {
            Issue.record("no object")
            return
        }
        text[key] = .array([])
        object["subtitles"] = [.object(text)]
        #expect(MediaPlan(json: .object(object)) == nil)
    }
}
