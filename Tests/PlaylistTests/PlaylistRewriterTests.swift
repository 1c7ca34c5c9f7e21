import Bytes
import Playlist
import Testing

@Suite struct PlaylistRewriterTests {
    private static let grant = "Policy=p~_-&Signature=s&Key-Pair-Id=K"

    private static func query(isTLS: Bool = true) -> ChildQuery {
        ChildQuery(Array(grant.utf8), host: Array("cdn.example:8443".utf8), isTLS: isTLS) { query in
            query.starts(with: "Policy=".utf8)
        }!
    }

    private static func rewritten(_ text: String, isTLS: Bool = true, pieces size: Int = .max) -> String {
        let bytes = Array(text.utf8)
        var rewriter = PlaylistRewriter(query(isTLS: isTLS))
        var output = GrowableBuffer()
        bytes.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + min(size, bytes.count))
                rewriter.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: &output)
                start = end
            }
        }
        rewriter.finish(to: &output)
        return String(decoding: output.readable, as: UTF8.self)
    }

    /// What an address becomes on a line of its own.
    private static func child(_ address: String, isTLS: Bool = true) -> String {
        String(rewritten("#EXTM3U\n\(address)\n", isTLS: isTLS).dropFirst(8).dropLast())
    }

    @Test(arguments: [
        ("seg.m4s", "seg.m4s?$"),
        ("720p/00001.m4s", "720p/00001.m4s?$"),
        ("../a/seg.ts", "../a/seg.ts?$"),
        ("/media/1/seg.ts", "/media/1/seg.ts?$"),
        ("seg.ts?t=1", "seg.ts?t=1&$"),
        ("seg.ts?t=1&", "seg.ts?t=1&$"),
        ("seg.ts?", "seg.ts?$"),
        ("seg.ts#t=3", "seg.ts?$#t=3"),
        ("seg.ts?a=b#c?d", "seg.ts?a=b&$#c?d"),
        ("?t=1", "?t=1&$"),
        ("https://cdn.example:8443/a.ts", "https://cdn.example:8443/a.ts?$"),
        ("HTTPS://CDN.Example:8443/a.ts?b", "HTTPS://CDN.Example:8443/a.ts?b&$"),
        ("//cdn.example:8443/a.ts", "//cdn.example:8443/a.ts?$"),
        ("https://cdn.example:8443?x", "https://cdn.example:8443?x&$"),
        ("a b/ü.ts", "a b/ü.ts?$"),
        ("a:b/c.ts?x", "a:b/c.ts?x"),
        ("a/b:c.ts", "a/b:c.ts?$"),
        ("media/{$quality}/a.ts?{$more}", "media/{$quality}/a.ts?{$more}&$"),
    ])
    func `a child of this host gets the query`(_ address: String, _ expected: String) {
        #expect(
            Self.child(address) == expected.replacing("$", with: Self.grant).replacing("{" + Self.grant, with: "{$"))
    }

    @Test(arguments: [
        "https://other.example/a.ts", "https://cdn.example/a.ts", "https://cdn.example:8443.evil.example/a.ts",
        "https://cdn.example:8443@evil.example/a.ts", "https://user@cdn.example:8443/a.ts", "//evil.example/a.ts",
        "///evil.example/a.ts", "https:///evil.example/a.ts", "https:evil.example/a.ts", "https:/evil.example/a.ts",
        "/\\evil.example/a.ts", "\\\\evil.example/a.ts", "https:\\\\evil.example/a.ts", "a\\b.ts",
        " https://evil.example/a.ts", "\thttps://evil.example/a.ts", "ht\ttps://evil.example/a.ts",
        "/\t/evil.example/a",
        "\u{1}//evil.example/a.ts", "a.ts ", "skd://key", "data:text/plain;base64,AAAA",
        "blob:https://cdn.example:8443/1",
        "ftp://cdn.example:8443/a.ts", "http://cdn.example:8443/a.ts", "{$base}/a.ts", "/{$base}/a.ts", "a{$b}/c.ts",
        "https://{$host}/a.ts", "seg.ts?Policy=own&Signature=own&Key-Pair-Id=own",
    ])
    func `an address that is or could be another host's is left alone, as is one with a grant of its own`(
        _ address: String
    ) {
        #expect(Self.child(address) == address)
    }

    @Test func `without TLS a child without TLS gets the query`() {
        #expect(Self.child("http://cdn.example:8443/a.ts", isTLS: false).hasSuffix("?" + Self.grant))
        #expect(Self.child("https://cdn.example:8443/a.ts", isTLS: false).hasSuffix("?" + Self.grant))
    }

    @Test(arguments: [
        #"#EXT-X-MAP:URI="$",BYTERANGE="100@0""#,
        #"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a,b=c",NAME="en",URI="$""#,
        #"#EXT-X-MEDIA:TYPE=AUDIO, GROUP-ID="a,URI=x", URI="$",DEFAULT=YES"#,
        #"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="$",CODECS="avc1,mp4a""#,
        #"#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI="$""#,
        #"#EXT-X-KEY:METHOD=AES-128,URI="$",IV=0x00"#,
        #"#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="$""#,
        #"#EXT-X-SESSION-DATA:DATA-ID="com.example",URI="$""#,
        #"#EXT-X-PART:DURATION=0.33,URI="$",INDEPENDENT=YES"#,
        #"#EXT-X-PRELOAD-HINT:TYPE=PART,URI="$""#,
        #"#EXT-X-RENDITION-REPORT:URI="$",LAST-MSN=3"#,
        #"#EXT-X-CONTENT-STEERING:SERVER-URI="$",PATHWAY-ID="x""#,
        #"#EXT-X-DATERANGE:ID="ad",CLASS="com.apple.hls.interstitial",X-ASSET-URI="$""#,
        #"#EXT-X-DATERANGE:ID="ad",X-ASSET-LIST="$",X-RESTRICT="SKIP""#,
        "#EXT-X-PREFETCH:$",
    ])
    func `the addresses in tags are children too`(_ tag: String) {
        let before = "#EXTM3U\n" + tag.replacing("$", with: "a.mp4") + "\n"
        #expect(Self.rewritten(before) == "#EXTM3U\n" + tag.replacing("$", with: "a.mp4?\(Self.grant)") + "\n")
        let foreign = "#EXTM3U\n" + tag.replacing("$", with: "https://other.example/a.mp4") + "\n"
        #expect(Self.rewritten(foreign) == foreign)
    }

    @Test(arguments: [
        "#EXT-X-VERSION:7", "#EXTINF:4.0,URI=\"title.ts\"", "# a comment with URI=\"a.ts\"", "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-DEFINE:NAME=\"x\",VALUE=\"URI=y\"", "#EXT-X-MAP:URI=a.mp4", "#EXT-X-MAP:URI=\"a.mp4", "#EXT-X-MAP:",
        "#EXT-X-MAP", "#EXT-X-MAP:=,=\"\",", "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z", "#", "",
    ])
    func `what has no address stays as it is`(_ line: String) {
        let text = "#EXTM3U\n\(line)\n"
        #expect(Self.rewritten(text) == text)
    }

    @Test func `line ends, blank lines and a last line without an end are kept`() {
        #expect(
            Self.rewritten("#EXTM3U\r\n\r\n#EXTINF:4,\r\na.ts\r\n\nb.ts")
                == "#EXTM3U\r\n\r\n#EXTINF:4,\r\na.ts?\(Self.grant)\r\n\nb.ts?\(Self.grant)")
    }

    @Test func `how the bytes are cut makes no difference`() {
        let long = String(repeating: "x", count: PlaylistRewriter.longestLine)
        let text =
            "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\r\n#EXTINF:4,\na.ts?b#c\n\(long)\n\(long.dropLast())\nlast.ts"
        let whole = Self.rewritten(text)
        #expect(whole.contains("\n\(long)\n") && whole.contains("\n\(long.dropLast())?\(Self.grant)\n"))
        for size in [1, 2, 3, 7, 1000, 32_767, 32_768, 32_769] {
            #expect(Self.rewritten(text, pieces: size) == whole, "in pieces of \(size)")
        }
    }

    @Test(arguments: ["", "<html>\na.ts\n", "\u{FEFF}#EXTM3U\na.ts\n", "\n#EXTM3U\na.ts\n", "#EXT\na.ts\n"])
    func `what is no playlist passes untouched`(_ text: String) {
        #expect(Self.rewritten(text) == text)
        #expect(Self.rewritten(text, pieces: 1) == text)
    }

    @Test func `parameters that could not stand in a playlist make no query`() {
        for parameters in ["", "a=\"", "a=#", "a=\\", "a= b", "a=\n", "a=\u{7f}", "a=ü"] {
            #expect(ChildQuery(Array(parameters.utf8), host: [], isTLS: true) { _ in false } == nil)
        }
    }

    @Test func `a rewritten playlist still is the playlist it was`() throws {
        let text = """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-TARGETDURATION:4
            #EXT-X-MAP:URI="init.mp4"
            #EXTINF:4,
            a.m4s
            #EXTINF:4,title
            b.m4s
            #EXT-X-ENDLIST

            """
        var expected = try MediaPlaylist(parsing: text.utf8)
        for index in expected.segments.indices {
            expected.segments[index].uri += "?" + Self.grant
            expected.segments[index].map?.uri += "?" + Self.grant
        }
        #expect(try MediaPlaylist(parsing: Self.rewritten(text).utf8) == expected)
        #expect(Self.rewritten(Self.rewritten(text)) == Self.rewritten(text))
    }
}
