import Testing
import WebVTT

@Suite struct CaptionFileTests {
    private func read(_ text: String, _ format: CaptionFile.Format = .webVTT) throws -> [CueList.Cue] {
        try CaptionFile(Array(text.utf8), format).cues
    }

    private func texts(_ text: String, _ format: CaptionFile.Format = .webVTT) throws -> [String] {
        try read(text, format).map(\.text)
    }

    private func fault(_ text: String, _ format: CaptionFile.Format = .webVTT) -> CaptionFile.Fault? {
        do throws(CaptionFile.Fault) {
            _ = try CaptionFile(Array(text.utf8), format)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `a file of WebVTT is read, with what it says beside its texts left out`(_ end: String) throws {
        let lines = [
            "WEBVTT - A film", "Kind: captions", "", "NOTE", "not shown", "", "STYLE", "::cue { color: red }", "",
            "one",
            "00:01.000 --> 00:02.500 line:0 align:start", "Hello", "there", "", "", "01:00:00.000 --> 01:00:00.001",
            "<v Anna>later</v>",
        ]
        let cues = try read(lines.joined(separator: end))
        #expect(cues.map(\.text) == ["Hello\nthere", "later"])
        #expect(cues.map(\.start) == [1_000, 3_600_000] && cues.map(\.end) == [2_500, 3_600_001])
    }

    @Test func `a file of SubRip is read`() throws {
        let text = """
            \u{feff}1
            00:00:01,000 --> 00:00:02,500
            {\\an8}Hello <font color="red">there</font>

            2
            0:01:00.000 --> 0:01:01.000  X1:10 X2:20 Y1:30 Y2:40
            a < b & c
            second line


            """
        let cues = try read(text, .subRip)
        #expect(cues.map(\.text) == ["Hello there", "a &lt; b &amp; c\nsecond line"])
        #expect(cues.map(\.start) == [1_000, 60_000] && cues.map(\.end) == [2_500, 61_000])
    }

    @Test(arguments: [
        ("<i>leaning</i> upright", "<i>leaning</i> upright"), ("<b><i>both</i></b>", "<b><i>both</i></b>"),
        ("<c.yellow>plain</c>", "plain"), ("<00:01.500>sung", "sung"), ("<script>x</script>", "x"),
        ("R&amp;D &lt;x&gt; &nbsp;a", "R&amp;D &lt;x&gt; a"), ("&unknown; & so on", "&amp;unknown; &amp; so on"),
        ("<i>open", "<i>open</i>"), ("a </i> b", "a b"), ("5 < 6", "5 &lt; 6"), ("a\u{0}b\u{202e}", "ab\u{202e}"),
    ])
    func `of the markup italics, bold and underlining stay`(_ written: String, _ text: String) throws {
        #expect(try texts("WEBVTT\n\n00:01.000 --> 00:02.000\n\(written)\n") == [text])
    }

    @Test(arguments: [
        ("<i>leaning</i>", "<i>leaning</i>"), ("<FONT face=x>a</FONT>", "a"), ("<3 you", "&lt;3 you"),
        ("<love> you", "&lt;love&gt; you"), ("one<br>two", "one\ntwo"), ("{\\an8}top", "top"), ("{sighs}", "{sighs}"),
        ("R&amp;D", "R&amp;amp;D"),
    ])
    func `in SubRip what is no tag is text`(_ written: String, _ text: String) throws {
        #expect(try texts("1\n00:00:01,000 --> 00:00:02,000\n\(written)\n", .subRip) == [text])
    }

    @Test(arguments: [
        ("", 1, "is not WEBVTT"), ("WEBVTTX\n\n00:01.000 --> 00:02.000\na", 1, "is not WEBVTT"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\na", 2, "part of a stream"),
        ("WEBVTT\n00:01.000 --> 00:02.000\na", 2, "blank line"), ("WEBVTT\n\nHello", 3, "neither"),
        ("WEBVTT\n\n00:01,000 --> 00:02.000\na", 3, "no times"),
        ("WEBVTT\n\n00:61.000 --> 01:02.000\na", 3, "no times"),
        ("WEBVTT\n\n0:00:01.000 --> 0:00:02.000\na", 3, "no times"),
        ("WEBVTT\n\n00:01.00 --> 00:02.00\na", 3, "no times"),
        ("WEBVTT\n\n00:01.000-->00:02.000\na", 3, "no times"),
        ("WEBVTT\n\n99999:00:00.000 --> 99999:00:01.000\na", 3, "no times"),
        ("WEBVTT\n\n00:02.000 --> 00:02.000\na", 3, "ends before"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na\n00:03.000 --> 00:04.000\nb", 5, "blank line"),
    ])
    func `what is no WebVTT is refused with its line`(_ text: String, _ line: Int, _ reason: String) {
        let fault = fault(text)
        #expect(fault?.line == line && fault?.reason.contains(reason) == true, "\(fault?.description ?? "taken")")
    }

    @Test(arguments: [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na", 1, "number"), ("1\n", 1, "times behind"),
        ("1\n00:01,000 --> 00:02,000\na", 2, "no times"), ("1\n00:00:02,000 --> 00:00:01,000\na", 2, "ends before"),
        ("1\n00:00:01,000 --> 00:00:02,000\na\n\nand more\n", 5, "number"),
    ])
    func `what is no SubRip is refused with its line`(_ text: String, _ line: Int, _ reason: String) {
        let fault = fault(text, .subRip)
        #expect(fault?.line == line && fault?.reason.contains(reason) == true, "\(fault?.description ?? "taken")")
    }

    @Test func `what is no text, and what has none, is refused`() {
        #expect(throws: CaptionFile.Fault.self) { try CaptionFile([0xff, 0xfe, 0x31, 0], .subRip) }
        #expect(fault("WEBVTT\n\nNOTE nothing")?.description == "The file has no texts.")
        #expect(fault("", .subRip)?.description == "The file has no texts.")
        #expect(fault("WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>")?.line == nil)
    }

    @Test func `there may be as many texts as a list takes`() throws {
        let cue = "\n00:01.000 --> 00:02.000\na\n"
        let full = "WEBVTT\n" + String(repeating: cue, count: CueList.maximumCues)
        #expect(try read(full).count == CueList.maximumCues)
        #expect(fault(full + cue)?.reason.contains("one too many") == true)
        let long = "\n00:01.000 --> 00:02.000\n" + String(repeating: "&", count: 300) + "\n"
        #expect(fault("WEBVTT\n" + String(repeating: long, count: 3_000))?.reason.contains("one too many") == true)
    }

    @Test func `what is written reads as the same`() throws {
        let styled = String(repeating: "<i>a & b</i> <b>c > d</b> ", count: 200)
        let text = "1\n00:00:01,000 --> 00:00:02,000\n\(styled)\n\n2\n10:00:01,000 --> 10:00:02,000\nNOTE\n--\n"
        let file = try CaptionFile(Array(text.utf8), .subRip)
        #expect(file.cues.count == 2)
        #expect(try CaptionFile(Array(file.webVTT.utf8), .webVTT) == file)
    }

    @Test func `a line without an end to its tags takes no time`() throws {
        let open = String(repeating: "<", count: 500_000)
        #expect(try texts("1\n00:00:01,000 --> 00:00:02,000\n\(open)\n", .subRip).first?.hasSuffix("…") == true)
        #expect(try texts("WEBVTT\n\n00:01.000 --> 00:02.000\n\(open)\n").count == 1)
    }
}
