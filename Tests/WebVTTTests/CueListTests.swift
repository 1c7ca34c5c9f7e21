import Testing
import WebVTT

@Suite struct CueListTests {
    private static let boundaries: [Int64] = [0, 6_000_000, 12_000_000, 15_000_000]

    private func list(_ cues: (String, Int64, Int64?)..., length: Int64 = 15_000) -> CueList {
        var list = CueList(length: length)
        for (text, start, end) in cues { list.add(text, from: start, to: end) }
        return list
    }

    private func segments(_ list: CueList) -> [String] {
        var segments: [String] = []
        list.segments(at: Self.boundaries) { number, bytes in
            #expect(number == segments.count + 1)
            segments.append(String(decoding: bytes, as: UTF8.self))
        }
        return segments
    }

    @Test func `a segment holds the cues of its time, one without any is its header`() {
        let header = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
        let segments = segments(list(("one", 521, 2021), ("two\nlines", 3000, 5500), ("three", 12_000, 14_250)))
        #expect(segments.count == 3)
        #expect(
            segments[0]
                == header + "\n00:00:00.521 --> 00:00:02.021\none\n\n00:00:03.000 --> 00:00:05.500\ntwo\nlines\n")
        #expect(segments[1] == header)
        #expect(segments[2] == header + "\n00:00:12.000 --> 00:00:14.250\nthree\n")
    }

    @Test func `a cue over a boundary is in both segments with its whole time, one that ends there in the first`() {
        let segments = segments(list(("long", 5000, 13_000), ("ends", 5000, 6000), ("begins", 6000, 7000)))
        let line = "00:00:05.000 --> 00:00:13.000\nlong\n"
        #expect(segments.allSatisfy { $0.contains(line) })
        #expect(segments.map { $0.contains("ends") } == [true, false, false])
        #expect(segments.map { $0.contains("begins") } == [false, true, false])
    }

    @Test func `cues come in any order and are written in the order of their beginnings`() {
        let list = list(("c", 3000, 4000), ("a", 1000, 9000), ("b", 1000, 2000))
        #expect(list.cues.map(\.text) == ["a", "b", "c"])
    }

    @Test func `times are cut at the ends of the film, and what lies outside is left out`() {
        let list = list(
            ("before", -3000, -1000), ("into", -1000, 2000), ("over", 14_000, 99_000), ("after", 15_000, 16_000),
            ("ever", 3000, .max), ("never", .min, .max))
        #expect(list.cues.map(\.text) == ["into", "never", "ever", "over"])
        #expect(list.cues.map(\.start) == [0, 0, 3000, 14_000])
        #expect(list.cues.map(\.end) == [2000, 15_000, 15_000, 15_000])
    }

    @Test func `a text without an end stays until the next begins, five seconds at most`() {
        let list = list(("a", 0, nil), ("b", 1500, 1500), ("c", 1500, 1400), ("d", 9000, nil), ("e", 14_500, nil))
        #expect(list.cues.map(\.end) == [1500, 6500, 6500, 14_000, 15_000])
    }

    @Test func `a text that goes on is one cue, and comes back as another`() {
        let list = list(
            ("sign", 1000, 1040), ("sign", 1040, 1080), ("voice", 1050, 3000), ("sign", 1081, 1120),
            ("sign", 1000, 1040), ("sign", 1200, 1300))
        #expect(list.cues.map(\.text) == ["sign", "voice", "sign"])
        #expect(list.cues.map(\.end) == [1120, 3000, 1300])
    }

    @Test func `too many texts are counted, and too many at a time not written`() {
        var list = CueList(length: 15_000)
        for number in 0..<CueList.maximumCues + 7 { list.add("cue \(number)", from: 0, to: 15_000) }
        #expect(list.omitted == 7)
        let segments = segments(list)
        #expect(segments.allSatisfy { $0.split(separator: "\n\n").count == CueList.maximumCuesPerSegment + 1 })
        var heavy = CueList(length: 15_000)
        for _ in 0..<2000 { heavy.add(String(repeating: "a", count: 1024), from: 0, to: 1) }
        #expect(heavy.omitted == 2000 - 1024)
    }

    @Test func `what few long texts repeat over a day is bounded`() {
        let day: Int64 = 86_400
        var list = CueList(length: day * 1000)
        for number in 0..<100 { list.add("\(number)" + String(repeating: "a", count: 2000), from: 0, to: .max) }
        var total = 0
        list.segments(at: (0...day / 6).map { $0 * 6_000_000 }) { total += $1.count }
        let headers = Int(day / 6) * CueList.header.utf8.count
        #expect(total <= CueList.maximumBytes + CueList.maximumRepeatedBytes + headers)
    }

    @Test func `a time has two digits of hours, or more`() {
        #expect(Timestamp.text(milliseconds: 0) == "00:00:00.000")
        #expect(Timestamp.text(milliseconds: 359_999_999) == "99:59:59.999")
        #expect(Timestamp.text(milliseconds: 360_000_000) == "100:00:00.000")
    }
}
