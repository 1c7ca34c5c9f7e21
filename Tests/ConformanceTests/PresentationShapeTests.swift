import CMAF
import Conformance
import JSON
import Playlist
import Testing

/// Presentations of other shapes than the usual one: live, in byte ranges, encrypted, cut short, or none at all.
@Suite struct PresentationShapeTests {
    // MARK: Live

    private static func live(_ change: (inout MediaPlaylist) -> Void = { _ in }) -> Film {
        var film = Film()
        for name in ["large/index.m3u8", "small/index.m3u8", Film.sound, Film.text] {
            var playlist = film.playlists[name]!
            playlist.kind = nil
            playlist.isEnded = false
            playlist.segments[0].programDateTime = "2026-11-21T19:00:00.000Z"
            change(&playlist)
            film.playlists[name] = playlist
        }
        return film
    }

    @Test func `a live playlist is one moment, and the report says so`() async {
        let report = await Self.live().report()
        #expect(report.rules == ["8.11", "measurement"], "\(report.text)")
        #expect(report.findings.contains { $0.message.contains("live") && $0.rule.level == .note })
    }

    @Test func `a live playlist without dates, and with a discontinuity that is not counted`() async {
        let report = await Self.live {
            $0.segments[0].programDateTime = nil
            $0.segments[2].isDiscontinuity = true
        }.report()
        #expect(report.rules == ["8.11", "8.17", "8.4", "measurement"], "\(report.text)")
    }

    @Test func `a live playlist of six segments is long enough, and short of 15 minutes`() async {
        let report = await Self.live { $0.segments += $0.segments.prefix(3) }.report()
        #expect(report.rules.contains("8.12") && !report.rules.contains("8.11"), "\(report.text)")
    }

    @Test func `live, BANDWIDTH may be too high, and not a quarter too low`() async {
        var film = Self.live()
        film.multivariant.variants[0].bandwidth *= 2
        #expect(await film.report().rules == ["8.11", "measurement"])
        film.multivariant.variants[0].bandwidth = film.multivariant.variants[0].bandwidth * 3 / 8
        film.multivariant.variants[0].averageBandwidth = film.multivariant.variants[0].bandwidth * 4 / 5
        #expect(await film.report().rules == ["1.28", "1.29", "8.11", "measurement"])
    }

    // MARK: Byte ranges

    /// All of a size of the pictures in one file.
    private static func ranged() -> Film {
        var film = Film()
        var whole = film.files["large/init.mp4"]!
        var playlist = film.playlists["large/index.m3u8"]!
        let map = MediaPlaylist.Map(uri: "all.mp4", byteRange: .init(length: whole.count, offset: 0))
        for index in 0..<4 {
            let bytes = film.files["large/\(index + 1).m4s"]!
            playlist.segments[index].uri = "all.mp4"
            playlist.segments[index].map = map
            playlist.segments[index].byteRange = .init(length: bytes.count, offset: index == 0 ? whole.count : nil)
            whole += bytes
        }
        film.files["large/all.mp4"] = whole
        film.playlists["large/index.m3u8"] = playlist
        return film
    }

    @Test func `one file in byte ranges is measured as many files are`() async {
        let report = await Self.ranged().report()
        #expect(report.rules == [], "\(report.text)")
        #expect(report.extent.segments == 58)
    }

    @Test func `a byte range without offset that follows none of its file`() async {
        var film = Self.ranged()
        film.playlists["large/index.m3u8"]?.segments[0].byteRange?.offset = nil
        #expect(await film.report().rules.contains("RFC 8216 §4.3.2.2"))
    }

    @Test func `key frames clipped out of the film's own segments are measured, and their moof is told of`() async {
        var film = Film()
        var playlist = film.playlists["large/index.m3u8"]!
        playlist.isIFramesOnly = true
        for index in 0..<4 {
            let bytes = film.files["large/\(index + 1).m4s"]!
            let data = bytes.firstRange(of: Array("mdat".utf8))!.upperBound
            let frame = 4 + bytes[data..<data + 4].reduce(0) { $0 << 8 | Int($1) }
            playlist.segments[index].byteRange = .init(length: data + frame, offset: 0)
            playlist.segments[index].map?.uri = "../large/init.mp4"
            playlist.segments[index].uri = "../large/\(index + 1).m4s"
        }
        film.playlists["large-keys/index.m3u8"] = playlist
        film.multivariant.iFrameVariants[1].averageBandwidth = nil
        let report = await film.report()
        #expect(Set(report.rules).subtracting(["1.27"]) == ["6.2", "measurement"], "\(report.text)")
        #expect(report.findings.contains { $0.message.contains("moof") })
        #expect(report.renditions.first { $0.address == "large-keys/index.m3u8" }?.measuredSegments == 4)
    }

    // MARK: Encryption

    /// Stands for a cipher: the vector's last byte, and of the key nothing but that it is the right one.
    private static let cipher: ConformanceCheck.Decrypt = { bytes, key, vector in
        key == [UInt8](repeating: 7, count: 16) ? bytes.map { $0 ^ vector[15] } : nil
    }

    /// A film whose larger size is encrypted, with the segments' numbers as vectors and the header in the clear.
    private static func encryptedFilm() -> Film {
        var film = Film()
        for number in 1...4 {
            film.files["large/\(number).m4s"] = film.files["large/\(number).m4s"]!.map { $0 ^ UInt8(number) }
            film.playlists["large/index.m3u8"]?.segments[number - 1].keys = [.init(method: .aes128, uri: "../key")]
        }
        film.files["key"] = [UInt8](repeating: 7, count: 16)
        return film
    }

    @Test func `encrypted segments are measured with their key, and without it their sizes are`() async {
        var film = Self.encryptedFilm()
        let report = await film.report(decrypt: Self.cipher)
        #expect(report.rules == [], "\(report.text)")
        let blind = await film.report()
        #expect(blind.verdict == .conforms)
        #expect(blind.rules == ["measurement"], "\(blind.text)")
        #expect(blind.renditions.first { $0.address == "large/index.m3u8" }?.averageBitsPerSecond != nil)
        film.files["key"] = nil
        #expect(await film.report(decrypt: Self.cipher).rules == ["measurement"])
    }

    @Test func `a header is encrypted where its key stands before it, and then has a vector`() async {
        var film = Self.encryptedFilm()
        film.files["large/init.mp4"] = film.files["large/init.mp4"]!.map { $0 ^ 9 }
        let vector = "0x00000000000000000000000000000009"
        let key = MediaPlaylist.Key(method: .aes128, uri: "../key", initializationVector: vector)
        for index in 0..<4 { film.playlists["large/index.m3u8"]?.segments[index].map?.keys = [key] }
        let report = await film.report(decrypt: Self.cipher)
        #expect(report.rules == [], "\(report.text)")

        film = Self.encryptedFilm()
        film.files["large/init.mp4"] = film.files["large/init.mp4"]!.map { $0 ^ 1 }
        for index in 0..<4 {
            film.playlists["large/index.m3u8"]?.segments[index].map?.keys = [.init(method: .aes128, uri: "../key")]
        }
        #expect(await film.report(decrypt: Self.cipher).rules == ["RFC 8216 §4.3.2.5"])
    }

    static let wrongEncryption: [Fault] = [
        Fault("a key of too few bytes") { $0.files["key"] = [1, 2, 3] },
        Fault("another key") { $0.files["key"] = [UInt8](repeating: 8, count: 16) },
        Fault("another vector") { film in
            film.playlists["large/index.m3u8"]?.segments[2].keys[0].initializationVector = "0x77"
        },
        Fault("a segment in the clear") { film in
            film.files["large/2.m4s"] = film.files["large/2.m4s"]!.map { $0 ^ 2 }
        },
    ]

    @Test(arguments: wrongEncryption)
    func `what does not open with its key and vector breaks a rule that must be kept`(fault: Fault) async {
        var film = Self.encryptedFilm()
        fault.plant(&film)
        let report = await film.report(decrypt: Self.cipher)
        #expect(report.verdict == .violates)
        #expect(report.rules.contains("RFC 8216 §4.3.2.4"), "\(report.text)")
        #expect(report.findings.first { $0.rule.number == "RFC 8216 §4.3.2.4" }?.place.playlist == "large/index.m3u8")
    }

    // MARK: Options and failures

    @Test func `a part of the segments tells less, and the report says so`() async {
        var film = Film()
        film.multivariant.variants[0].bandwidth *= 2
        let report = await film.report(options: .init(segmentsPerPlaylist: 2))
        #expect(report.rules == ["measurement"], "\(report.text)")
        #expect(report.extent.segments == 12)
        #expect(report.extent.skippedSegments == 46)
        film.multivariant.variants[0].bandwidth /= 4
        film.multivariant.variants[0].averageBandwidth = film.multivariant.variants[0].bandwidth
        #expect(await film.report(options: .init(segmentsPerPlaylist: 2)).rules == ["1.27", "measurement"])
    }

    @Test func `a rule that is waived is left out and named`() async {
        var film = Film()
        film.multivariant.iFrameVariants = []
        let report = await film.report(options: .init(waivedRules: ["6.1"]))
        #expect(report.verdict == .conforms)
        #expect(report.waivedRules == ["6.1"])
        #expect(report.text.contains("left out as asked: 6.1"))
    }

    @Test func `what is no presentation is unchecked, with the reason`() async {
        let missing = await Film().report(from: "nowhere.m3u8")
        #expect(missing.verdict == .unchecked)
        #expect(missing.failure?.contains("404") == true)
        var film = Film()
        film.files["index.m3u8"] = Array("<html>".utf8)
        let page = await film.report()
        #expect(page.verdict == .unchecked)
        #expect(page.failure?.contains("#EXTM3U") == true)
        #expect(page.json["verdict"] == "unchecked")
    }

    @Test func `a check that is cancelled is unchecked`() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Film().report()
        }
        #expect(await task.value.verdict == .unchecked)
    }

    @Test func `a media playlist alone is checked without the rules about what lists it`() async {
        let report = await Film().report(from: "large/index.m3u8")
        #expect(report.rules == ["measurement"], "\(report.text)")
        #expect(report.extent.segments == 4)
    }

    @Test func `findings and lists of a hostile presentation end`() async {
        var film = Film()
        film.multivariant.variants = (0..<2_000).map { .init(uri: "\($0).m3u8", bandwidth: 1) }
        let report = await film.report()
        #expect(report.findings.count == 500)
        #expect(report.unlistedFindings > 1_000)
        #expect(report.extent.playlists == 1)
    }

    @Test func `the report for programs has the same members every time`() async throws {
        var film = Film()
        film.multivariant.variants[0].codecs[0] = "avc1.640029"
        let json = await film.report().json
        #expect(try JSONValue.parse(json.serialized()) == json)
        #expect(json.object?.keys == ["address", "verdict", "counts", "measured", "findings", "renditions"])
        let finding = try #require(json["findings"]?[0])
        #expect(finding["rule"] == "9.1")
        #expect(finding["level"] == "MUST")
        #expect(finding["place"]?["line"] == 6)
        #expect(finding["stated"]?.string?.contains("avc1.640029") == true)
        #expect(finding["measured"]?.string?.contains("avc1.64001e") == true)
        #expect(json["counts"]?["must"] == 1)
        #expect(json["renditions"]?[0]?["address"] == "large/index.m3u8")
    }

    @Test func `delivery is judged where there is a server`() async {
        var film = Film()
        film.delivery = { name in
            let type =
                name.hasSuffix("m3u8")
                ? "application/vnd.apple.mpegurl"
                : name.hasSuffix("vtt") ? "text/vtt" : name.hasSuffix("mp4") ? "video/mp4" : "video/iso.segment"
            return .init(contentType: type, isCompressible: true)
        }
        #expect(await film.report().rules == [])
        film.delivery = { name in
            .init(contentType: "text/html", isCompressible: false, isRedirected: true, isTLS: false)
        }
        let report = await film.report()
        #expect(report.rules == ["10.1", "10.4", "11.1", "8.18"], "\(report.text)")
    }

    @Test func `queries, which may hold a viewer's right to watch, are in no report`() async {
        var film = Film()
        film.files["index.m3u8?Signature=secret"] = Array(film.multivariant.text.utf8)
        film.playlists["large/index.m3u8"]?.segments[0].uri = "1.m4s?Signature=secret"
        let report = await film.report(from: "index.m3u8?Signature=secret")
        #expect(report.rules.contains("RFC 8216 §6.2.1"))
        #expect(!report.text.contains("secret") && !report.json.description.contains("secret"))
    }
}

@Suite struct ResourceAddressTests {
    @Test(arguments: [
        ("a.ts", "http://h/x/i.m3u8", "http://h/x/a.ts"), ("../a.ts", "http://h/x/y/i.m3u8", "http://h/x/a.ts"),
        ("/a.ts", "http://h:8/x/i.m3u8?q", "http://h:8/a.ts"), ("//o/a.ts", "https://h/x", "https://o/a.ts"),
        ("http://o/a", "https://h/x", "http://o/a"), ("?v=2", "http://h/x/i.m3u8?v=1", "http://h/x/i.m3u8?v=2"),
        ("a.ts", "http://h", "http://h/a.ts"), ("../../../a", "http://h/x/i", "http://h/a"),
        ("./b/./a.ts", "x/i.m3u8", "x/b/a.ts"), ("../a.ts", "i.m3u8", "../a.ts"), ("a.ts", "i.m3u8", "a.ts"),
        ("a.ts#t=1", "http://h/i", "http://h/a.ts"), ("skd://k", "http://h/i", "skd://k"),
    ])
    func `a reference is resolved as a browser does`(reference: String, base: String, expected: String) {
        #expect(ResourceAddress.resolve(reference, against: base) == expected)
    }
}
