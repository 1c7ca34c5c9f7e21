import JSON
import Presentation
import Testing
import Transcode

@Suite struct SubtitleTests {
    /// What the film's subtitles are made into, one text per segment and rendition.
    private func transcoded(_ film: MatroskaFilm) async throws -> (
        plan: WorkPlan, texts: [[String]], notes: [UnitNotes]
    ) {
        try await apart {
            let result = try withBytes(film.bytes) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let plan = try #require(result.plan)
            let texts = plan.outline.subtitles.map { rendition in
                let segments = result.renditions[rendition].segments.sorted { $0.key < $1.key }.map(\.value)
                #expect(result.durations(rendition).reduce(0, +) == Int64(film.seconds) * 1_000_000)
                return segments.map { String(decoding: $0, as: UTF8.self) }
            }
            return (plan, texts, result.notes)
        }
    }

    private static let header = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"

    @Test func `every stream of text becomes a rendition with its language, name and kind`() async throws {
        var film = MatroskaFilm(seconds: 14)
        film.subtitles = [
            .init(texts: [.init(521, 1500, "<i>One</i> & <font color=red>two</font>"), .init(5000, 2000, "over")]),
            .init(
                codec: "S_TEXT/ASS", language: "fre", title: "Signs\n\"here\"", isForced: true,
                header: Array("[Script Info]\n[Events]\n".utf8),
                texts: [.init(12_500, 500, #"0,0,Default,,0,0,0,,{\an8\i1}haut{\i0}\Nbas"#)]),
            .init(codec: "S_VOBSUB", language: "ger", texts: [.init(1000, 1000, bytes: [0, 4, 0, 4])]),
            .init(
                codec: "D_WEBVTT/SUBTITLES", describesSound: true, texts: [.init(7000, 1000, "\n\n<v Ann>a {b} \\ c")]),
        ]
        let (plan, texts, notes) = try await transcoded(film)
        let contents = plan.outline.subtitles.map { plan.outline.renditions[$0].content }
        #expect(
            plan.outline.subtitles.map { plan.outline.renditions[$0].name } == [
                "subtitles", "subtitles-2", "subtitles-3",
            ])
        #expect(
            contents == [
                .subtitles(language: "en", title: nil, isForced: false, describesSound: false),
                .subtitles(language: "fr", title: "Signs 'here'", isForced: true, describesSound: false),
                .subtitles(language: "en", title: nil, isForced: false, describesSound: true),
            ])
        let over = "\n00:00:05.000 --> 00:00:07.000\nover\n"
        #expect(
            texts == [
                [
                    Self.header + "\n00:00:00.521 --> 00:00:02.021\n<i>One</i> &amp; two\n" + over,
                    Self.header + over, Self.header,
                ],
                [Self.header, Self.header, Self.header + "\n00:00:12.500 --> 00:00:13.000\n<i>haut</i>\nbas\n"],
                [Self.header, Self.header + "\n00:00:07.000 --> 00:00:08.000\na {b} \\ c\n", Self.header],
            ])
        let streams = plan.outline.explanation["source"]?["streams"]?.array ?? []
        #expect(
            streams.compactMap { $0["decision"]?.string } == [
                "sound rendition audio", "subtitles rendition subtitles", "subtitles rendition subtitles-2",
                "not used: these subtitles are pictures (dvd_subtitle), not text", "subtitles rendition subtitles-3",
            ])
        #expect(notes.allSatisfy { $0.brokenPackets == 0 })
    }

    @Test func `subtitles are made with the sound, and nothing waits for them`() async throws {
        var film = MatroskaFilm(seconds: 7)
        film.subtitles = [.init(texts: [.init(0, 1000, "a")])]
        let (plan, _, _) = try await transcoded(film)
        #expect(plan.units.map(\.kind) == [.sound])
        #expect(plan.units[0].renditions == [0, 1])
        var presentation = Presentation(outline: plan.outline)
        _ = presentation.add(
            StoredSegment(
                rendition: 0, number: 1, bytes: 9, durationMicroseconds: 6_000_000,
                sha256: String(repeating: "a", count: 64)))
        #expect(presentation.isPlayable && plan.outline.streams == [0])
    }

    @Test func `hostile times and texts do no harm`() async throws {
        var film = MatroskaFilm(seconds: 7, beginning: 10_000)
        film.subtitles = [
            .init(texts: [
                .init(-2000, 1000, "before"), .init(-500, 1000, "into"), .init(1000, 1_000_000_000, "endless"),
                .init(2000, nil, "unended"), .init(2000, 0, "at once"), .init(3000, 1000, bytes: [0x61, 0xff, 0xfe]),
                .init(3500, 1000, "00:00:00.000 --> 00:00:01.000\nWEBVTT"), .init(4000, 1000, ""),
                .init(5000, 3_600_000, String(repeating: "long ", count: 10_000)),
            ])
        ]
        let (_, texts, _) = try await transcoded(film)
        let first = texts[0][0]
        let blocks = first.split(separator: "\n\n").dropFirst().map {
            String($0).split(separator: "\n").map(String.init)
        }
        #expect(blocks.map { $0[1] }.prefix(4) == ["into", "endless", "unended", "at once"])
        #expect(blocks.allSatisfy { $0[0].contains(" --> ") && !$0.dropFirst().contains { $0.contains("-->") } })
        #expect(first.contains("--&gt; 00:00:01.000\nWEBVTT\n"))
        #expect(first.utf8.count < 4096 && texts[0][1].utf8.count < 4096)
        #expect(!first.contains("before") && texts[0][1].contains("endless"))
    }

    @Test func `the same film gives the same subtitles`() async throws {
        var film = MatroskaFilm(seconds: 3)
        film.subtitles = [.init(texts: (0..<50).map { .init(Int64($0) * 50, 500, "text \($0 % 7)") })]
        let first = try await transcoded(film)
        let second = try await transcoded(film)
        #expect(first.texts == second.texts)
    }
}
