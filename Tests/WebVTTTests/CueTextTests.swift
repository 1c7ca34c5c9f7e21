import Testing
import WebVTT

@Suite struct CueTextTests {
    private func cue(_ text: String) -> String? { CueText.text(ofDialogue: Array("0,0,Default,,0,0,0,,\(text)".utf8)) }

    @Test(arguments: [
        ("plain", "plain"), ("one, two", "one, two"), (#"one\Ntwo"#, "one\ntwo"),
        (#"one\ntwo\hthree"#, "one two three"),
        (#"{\i1}leaning{\i0} upright"#, "<i>leaning</i> upright"),
        (#"{\b1}{\i1}both{\b0} one"#, "<b><i>both</i></b> <i>one</i>"),
        (#"{\u1}to the end"#, "<u>to the end</u>"), (#"{\i1}{\i0}nothing leans"#, "nothing leans"),
        (#"{\b700}heavy{\b400}light"#, "<b>heavy</b>light"), (#"{\i1\b1}all{\rOther}none"#, "<b><i>all</i></b>none"),
    ])
    func `breaks, italics, bold and underlining stay`(event: String, text: String) {
        #expect(cue(event) == text)
    }

    @Test(arguments: [
        (#"{\an8\pos(12,34)\fs20\c&H0000FF&\blur2\iclip(1,1)\be1}word"#, "word"), ("{a remark}word", "word"),
        (#"{\t(0,500,\i1)}word"#, "word"), (#"{\p1}m 0 0 l 100 0 100 100{\p0}word"#, "word"),
        (#"{\1c&HFF&}word"#, "word"),
        (#"{\}word"#, "word"), (#"{\i}{\b}word"#, "word"),
    ])
    func `all other styling goes, and drawings with it`(event: String, text: String) {
        #expect(cue(event) == text)
    }

    @Test(arguments: [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"), ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("00:01.000 --> 00:02.000", "00:01.000 --&gt; 00:02.000"), (#"one\N\N  \N two "#, "one\ntwo"),
        ("one\r\n\r\ntwo", "one\ntwo"), ("a\u{0}b\u{7}c\u{feff}", "abc"), (#"{\i1}\N{\i0}\Nword"#, "word"),
        ("an { open brace", "an { open brace"), (#"\{{}in braces}"#, "{in braces}"), ("a\\\u{2060}b", #"a\b"#),
        (#"C:\temp\"#, #"C:\temp\"#),
    ])
    func `nothing breaks the syntax`(event: String, text: String) {
        #expect(cue(event) == text)
    }

    @Test(arguments: ["", "   ", #"\N\N"#, #"{\i1}"#, "{only a remark}", #"{\p1}m 0 0 l 1 1"#])
    func `nothing to read is no cue`(event: String) {
        #expect(cue(event) == nil)
        #expect(CueText.text(ofDialogue: Array("0,0,Default,,0,0".utf8)) == nil)
    }

    @Test func `bytes that are no text are replaced, not refused`() {
        let event = Array("0,0,,,0,0,0,,caf".utf8) + [0xe9, 0x20, 0xff] + Array("!".utf8)
        #expect(CueText.text(ofDialogue: event) == "caf\u{fffd} \u{fffd}!")
    }

    @Test func `long texts are cut, with every tag closed`() throws {
        let long = try #require(cue(#"{\b1\i1\u1}"# + String(repeating: "word & ", count: 10_000)))
        #expect(long.utf8.count <= CueText.maximumBytes && long.utf8.count > CueText.maximumBytes - 100)
        #expect(long.hasSuffix("…</u></i></b>"))
        let switching = try #require(cue(String(repeating: #"{\b1\i1\u1}&{\r}&"#, count: 10_000)))
        #expect(switching.utf8.count <= CueText.maximumBytes)
        let tall = try #require(cue(String(repeating: #"line\N"#, count: 500)))
        #expect(tall.split(separator: "\n").count == CueText.maximumLines && tall.hasSuffix("line…"))
    }
}
