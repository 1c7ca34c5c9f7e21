import CMAF
import Conformance
import Playlist
import Testing

@Suite struct PlantedFaultTests {
    @Test(arguments: statements + media)
    func `a fault is found by its rule and nothing else is`(fault: Fault) async {
        var film = Film()
        fault.plant(&film)
        let report = await film.report()
        #expect(report.rules == fault.rules, "\(report.text)")
    }

    /// Faults in what the playlists say.
    static let statements: [Fault] = [
        Fault("BANDWIDTH a seventh too low", "1.27") {
            $0.multivariant.variants[0].bandwidth = $0.multivariant.variants[0].bandwidth * 86 / 100
        },
        Fault("BANDWIDTH a fifth too high", "1.27") {
            $0.multivariant.variants[1].bandwidth = $0.multivariant.variants[1].bandwidth * 12 / 10
        },
        Fault("BANDWIDTH without the sound", "9.13", "1.26") { film in
            let own = film.rate(of: "small/index.m3u8")
            film.multivariant.variants[1].bandwidth = own.peak
            film.multivariant.variants[1].averageBandwidth = own.average
        },
        Fault("AVERAGE-BANDWIDTH a fifth too low", "1.26") {
            $0.multivariant.variants[1].averageBandwidth = $0.multivariant.variants[1].averageBandwidth! * 8 / 10
        },
        Fault("no AVERAGE-BANDWIDTH", "9.14") { $0.multivariant.variants[0].averageBandwidth = nil },
        Fault("AVERAGE-BANDWIDTH above BANDWIDTH", "RFC 8216 §4.3.4.2", "1.26") {
            $0.multivariant.variants[0].averageBandwidth = $0.multivariant.variants[0].bandwidth + 1
        },
        Fault("CODECS of another level", "9.1") { $0.multivariant.variants[1].codecs[0] = "avc1.640029" },
        Fault("CODECS without the sound", "9.1") { $0.multivariant.variants[1].codecs.remove(at: 1) },
        Fault("CODECS with a codec that is not there", "9.1") { $0.multivariant.variants[1].codecs.append("ec-3") },
        Fault("no CODECS", "9.1") { $0.multivariant.variants[1].codecs = [] },
        Fault("CODECS without the subtitles", "5.10") { $0.multivariant.variants[1].codecs.removeLast() },
        Fault("RESOLUTION of another picture", "9.2") { $0.multivariant.variants[1].resolution?.width = 648 },
        Fault("no RESOLUTION", "9.2") { $0.multivariant.variants[1].resolution = nil },
        Fault("FRAME-RATE of another film", "9.15") { $0.multivariant.variants[1].frameRateThousandths = 30_000 },
        Fault("no FRAME-RATE", "9.15") { $0.multivariant.variants[1].frameRateThousandths = nil },
        Fault("VIDEO-RANGE of another film", "9.16") { $0.multivariant.variants[1].videoRange = .pq },
        Fault("SCORE on one variant", "9.19") { $0.multivariant.variants[1].scoreThousandths = 1_000 },
        Fault("CLOSED-CAPTIONS=NONE of one variant", "RFC 8216 §4.3.4.2") {
            $0.multivariant.variants[1].statesNoClosedCaptions = false
        },
        Fault("nothing about captions", "RFC 8216 §4.3.4.2") {
            for index in $0.multivariant.variants.indices {
                $0.multivariant.variants[index].statesNoClosedCaptions = false
            }
        },
        Fault("no EXT-X-INDEPENDENT-SEGMENTS at all", "9.12") { $0.multivariant.hasIndependentSegments = false },
        Fault("EXT-X-INDEPENDENT-SEGMENTS in the media playlists alone", "9.11") { film in
            film.multivariant.hasIndependentSegments = false
            for name in film.playlists.keys { film.playlists[name]?.hasIndependentSegments = true }
        },
        Fault("no PATHWAY-ID", "9.18") { $0.multivariant.contentSteering = .init(serverURI: "steering.json") },
        Fault("no LANGUAGE", "8.10") { $0.multivariant.renditions[0].language = nil },
        Fault("CHANNELS of another sound", "RFC 8216 §4.3.4.1") { $0.multivariant.renditions[0].channels = "6" },
        Fault("no CHANNELS", "RFC 8216 §4.3.4.1") { $0.multivariant.renditions[0].channels = nil },
        Fault("FORCED of sound", "RFC 8216 §4.3.4.1") { $0.multivariant.renditions[0].isForced = true },
        Fault("two defaults", "RFC 8216 §4.3.4.1.1") { film in
            var twin = film.multivariant.renditions[0]
            twin.name = "Deutsch"
            film.multivariant.renditions.append(twin)
        },
        Fault("a name twice", "RFC 8216 §4.3.4.1.1") { film in
            var twin = film.multivariant.renditions[0]
            twin.isDefault = false
            film.multivariant.renditions.append(twin)
        },
        Fault("audio description that is not chosen", "2.13") { film in
            film.multivariant.renditions[0].isDefault = false
            film.multivariant.renditions[0].isAutoselect = false
            film.multivariant.renditions[0].characteristics = ["public.accessibility.describes-video"]
        },
        Fault("subtitles for the deaf that are not chosen", "4.6") {
            $0.multivariant.renditions[1].isAutoselect = false
            $0.multivariant.renditions[1].characteristics = [
                "public.accessibility.transcribes-spoken-dialog", "public.accessibility.describes-music-and-sound",
            ]
        },
        Fault("forced subtitles that are not chosen", "5.11") {
            $0.multivariant.renditions[1].isAutoselect = false
            $0.multivariant.renditions[1].isForced = true
        },
        Fault("captions without INSTREAM-ID", "RFC 8216 §4.3.4.1") {
            $0.multivariant.renditions.append(.init(kind: .closedCaptions, group: "cc", name: "CC", language: "en"))
        },
        Fault("no I-frame playlists", "6.1") { $0.multivariant.iFrameVariants = [] },
        Fault("one I-frame playlist", "6.6") { $0.multivariant.iFrameVariants.removeLast() },
        Fault("I-frame playlist without its tag", "6.8") {
            $0.playlists["small-keys/index.m3u8"]?.isIFramesOnly = false
        },
        Fault("I-frame CODECS of another level", "9.3") { $0.multivariant.iFrameVariants[0].codecs = ["avc1.640029"] },
        Fault("no I-frame RESOLUTION", "9.4") { $0.multivariant.iFrameVariants[0].resolution = nil },
        Fault("I-frame RESOLUTION of another picture", "9.4") {
            $0.multivariant.iFrameVariants[0].resolution?.height = 240
        },
        Fault("I-frame BANDWIDTH a fifth too low", "1.27") {
            $0.multivariant.iFrameVariants[1].bandwidth = $0.multivariant.iFrameVariants[1].bandwidth * 8 / 10
            $0.multivariant.iFrameVariants[1].averageBandwidth = nil
        },
        Fault("one variant", "9.9", "9.21") { film in
            film.multivariant.variants.removeLast()
            film.multivariant.iFrameVariants.removeLast()
        },
        Fault("a multivariant playlist with a blank behind a comma", "RFC 8216 §4") { film in
            let text = film.multivariant.text.replacing(",CODECS", with: ", CODECS")
            film.files["index.m3u8"] = Array(text.utf8)
        },
        Fault("a media playlist with a tag twice", "RFC 8216 §4") { film in
            let text = film.playlists[Film.sound]!.text.replacing(
                "#EXT-X-ENDLIST", with: "#EXT-X-VERSION:7\n#EXT-X-ENDLIST")
            film.files[Film.sound] = Array(text.utf8)
        },
        Fault("a version too low for EXT-X-MAP", "RFC 8216 §7") { $0.playlists["large/index.m3u8"]?.version = 5 },
        Fault("an EXTINF that rounds to more than the target", "RFC 8216 §4.3.3.1", "8.1", "1.26", "1.27", "5.5") {
            film in
            film.playlists["large/index.m3u8"]?.segments[1].durationMicroseconds = 9_000_000
        },
        Fault("another target duration", "8.2", "7.5") { film in
            film.playlists[Film.sound]?.targetDurationSeconds = 7
        },
        Fault("no EXT-X-PLAYLIST-TYPE", "8.6") { $0.playlists["large/index.m3u8"]?.kind = nil },
        Fault("EXT-X-BITRATE of another segment", "RFC 8216bis §4.4.4.8") {
            $0.playlists["large/index.m3u8"]?.segments[0].bitrateKilobits = 300
        },
        Fault("a segment that is not there", "RFC 8216 §6.2.1") { film in
            film.files["large/4.m4s"] = nil
            film.playlists["large/index.m3u8"]?.segments[3].isGap = false
        },
        Fault("a playlist that is not there", "RFC 8216 §6.2.1") { $0.playlists[Film.text] = nil },
        Fault("SAMPLE-AES-CTR", "13.11") { film in
            for index in 0..<4 {
                film.playlists["large/index.m3u8"]?.segments[index].keys = [
                    .init(method: .sampleAESCTR, uri: "key", format: "identity")
                ]
            }
        },
        Fault("a discontinuity in one playlist", "8.15") {
            $0.playlists["large/index.m3u8"]?.segments[2].isDiscontinuity = true
        },
        Fault("subtitles that end early", "5.5") { $0.playlists[Film.text]?.segments.removeLast() },
    ]

    /// Faults in the bytes, or in what the bytes make of a right statement.
    static let media: [Fault] = [
        Fault("EXTINF that drifts by 15 ms a segment", "8.1") { film in
            for index in 0..<4 { film.playlists["large/index.m3u8"]?.segments[index].durationMicroseconds += 15_000 }
        },
        Fault("one EXTINF too long and the next too short", "8.1") { film in
            film.playlists["large/index.m3u8"]?.segments[1].durationMicroseconds += 100_000
            film.playlists["large/index.m3u8"]?.segments[2].durationMicroseconds -= 100_000
        },
        Fault("a segment that begins with no IDR", "7.4", "1.13") { $0 = Fault.rungs { $0[1].withoutIDR = [3] } },
        Fault("a segment that begins with no IDR and says it did", "7.4", "1.13") { film in
            film = Fault.rungs {
                $0[1].withoutIDR = [2]
                $0[1].liesAboutSync = true
            }
        },
        Fault("an IDR every three seconds", "1.13") { $0 = Fault.rungs { $0[1].framesPerKey = 75 } },
        Fault("a gap in the decode times", "7.3", "8.22") { $0 = Fault.rungs { $0[1].shifts = [2: 512] } },
        Fault("decode times that overlap", "7.3", "8.22") { $0 = Fault.rungs { $0[1].shifts = [2: -512] } },
        Fault("a negative decode time", "ISO/IEC 14496-12 §8.8.12") { $0 = Fault.rungs { $0[1].shifts = [1: -512] } },
        Fault("segments of another length", "8.22") { $0 = Fault.rungs { $0[1].segments = [100, 150, 150, 125] } },
        Fault("pictures that end early", "8.3") { film in
            film = Fault.rungs { $0[1].segments = [150, 150, 150, 72] }
        },
        Fault("a segment of another rate", "1.30") { film in
            film = Fault.rungs { $0[1].frameBytesOfSegment = [1: 8_000, 2: 500, 3: 500, 4: 500] }
        },
        Fault("Main Profile", "1.4") { $0 = Fault.rungs { $0[1].sequence.profile = 77 } },
        Fault("a level that is not needed", "1.11") { $0 = Fault.rungs { $0[1].sequence.level = 40 } },
        Fault("a level above 5.2", "1.3b", "1.11") { film in film = Fault.rungs { $0[1].sequence.level = 60 } },
        Fault("interlaced pictures", "1.14") { $0 = Fault.rungs { $0[1].sequence.isProgressive = false } },
        Fault("pictures of another shape", "1.33") { film in
            film = Fault.rungs {
                $0[1].sequence.width = 480
                $0[1].sequence.height = 360
                $0[1].sequence.level = 21
            }
        },
        Fault("HDR without saying so, and nothing else", "1.24", "9.16", "6.16") { film in
            film = Fault.rungs { for index in $0.indices { $0[index].sequence.transfer = 16 } }
        },
        Fault("HDR beside SDR without VIDEO-RANGE", "9.16") { film in
            film = Fault.rungs { $0[1].sequence.transfer = 18 }
        },
        Fault("80 frames per second", "1.19", "9.15", "8.3", "8.22", "7.6") { film in
            film = Fault.rungs { $0[1].ticks = 160 }
            film.state()
        },
        Fault("one size of HD", "9.10") { film in
            film = Fault.rungs {
                $0[1].sequence.width = 1_280
                $0[1].sequence.height = 720
                $0[1].sequence.level = 31
            }
        },
        Fault("a first variant that is far from 2000 kb/s", "1.32") { film in
            film = Fault.rungs {
                $0.append($0[1])
                $0[2].name = "larger"
                $0[2].frameBytes = 9_000
            }
            film.multivariant.variants.reverse()
        },
        Fault("HE-AAC at 96 kb/s", "2.4", "9.1") { film in
            film.multivariant.renditions.removeFirst()
            film.addSound(specificConfig: [0x2b, 0x11, 0x88], frameBytes: 256)
            film.multivariant.renditions.swapAt(0, 1)
            film.state()
        },
        Fault("no stereo", "2.3") { film in
            film.multivariant.renditions.removeFirst()
            film.addSound(channels: 6, specificConfig: [0x11, 0xb0])
            film.state()
        },
        Fault("WebVTT without X-TIMESTAMP-MAP", "5.3") {
            $0.files["text/2.vtt"] = Film.subtitles(from: 7, to: 8, map: "")
        },
        Fault("WebVTT whose map shows it ten seconds late", "5.3") { film in
            film.files["text/1.vtt"] = Film.subtitles(
                from: 1, to: 2, map: "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n")
        },
        Fault("WebVTT with a cue that has no times", "5.3") { film in
            film.files["text/2.vtt"]! += Array("\nnow --> later\nA word.\n".utf8)
        },
        Fault("a segment cut short", "ISO/IEC 14496-12 §8.8.8") { $0.files["large/2.m4s"]!.removeLast(10) },
        Fault("an initialisation section without mvex", "RFC 8216 §3.3") { film in
            film.files["large/init.mp4"] = renamed("mvex", to: "free", in: film.files["large/init.mp4"]!)
        },
        Fault("fragments without decode times", "RFC 8216 §3.3") { film in
            for number in 1...4 {
                film.files["large/\(number).m4s"] = renamed("tfdt", to: "free", in: film.files["large/\(number).m4s"]!)
            }
        },
        Fault("an initialisation section cut short", "RFC 8216 §3.3") { $0.files["large/init.mp4"]!.removeLast(10) },
        Fault("no EXT-X-MAP", "8.20") { film in
            for index in 0..<4 { film.playlists["large/index.m3u8"]?.segments[index].map = nil }
        },
        Fault("an empty edit", "ISO/IEC 14496-12 §8.6.6") { film in
            // media_time behind version, flags, count and duration.
            let place = film.files["small/init.mp4"]!.firstRange(of: Array("elst".utf8))!.upperBound + 12
            film.files["small/init.mp4"]!.replaceSubrange(place..<place + 4, with: [0xff, 0xff, 0xff, 0xff])
        },
        Fault("sequence numbers that repeat", "ISO/IEC 14496-12 §8.8.5") { film in
            let place = film.files["large/2.m4s"]!.firstRange(of: Array("mfhd".utf8))!.upperBound + 7
            film.files["large/2.m4s"]![place] = 1
        },
        Fault("samples outside of their segment", "ISO/IEC 14496-12 §8.8.8") { film in
            let place = film.files["large/2.m4s"]!.firstRange(of: Array("trun".utf8))!.upperBound + 8
            film.files["large/2.m4s"]!.replaceSubrange(place..<place + 4, with: [0x7f, 0, 0, 0])
        },
        Fault("a segment that begins with its data", "ISO/IEC 23000-19 §7.3.3") { film in
            film.files["large/2.m4s"]! = [0, 0, 0, 8] + Array("mdat".utf8) + film.files["large/2.m4s"]!
        },
        Fault("an IDR that is not marked as one", "ISO/IEC 14496-12 §8.8.3.1") { film in
            // Flags of the 51st sample: size and flags of each behind version, flags, count and offset.
            let place = film.files["large/2.m4s"]!.firstRange(of: Array("trun".utf8))!.upperBound + 12 + 50 * 8 + 4
            film.files["large/2.m4s"]!.replaceSubrange(place..<place + 4, with: [0x01, 0x01, 0, 0])
        },
        Fault("avc3", "1.10", "9.1") { film in
            film.files["large/init.mp4"] = renamed("avc1", to: "avc3", in: film.files["large/init.mp4"]!)
        },
        Fault("VP9", "1.1") { film in
            film.files["large/init.mp4"] = renamed("avc1", to: "vp09", in: film.files["large/init.mp4"]!)
            film.multivariant.variants[0].codecs[0] = "vp09"
        },
        Fault("an I-frame that is none", "RFC 8216 §4.3.3.6") { film in
            let bytes = film.files["large-keys/5.m4s"]!
            let place = bytes.firstRange(of: Array("mdat".utf8))!.upperBound + 4
            film.files["large-keys/5.m4s"]![place] = 0x41
        },
        Fault("an I-frame segment without its moof", "6.10") { film in
            let bytes = film.files["large-keys/5.m4s"]!
            film.files["large-keys/5.m4s"] = Array(bytes[(bytes.firstRange(of: Array("mdat".utf8))!.lowerBound - 4)...])
        },
        Fault("an I-frame every two seconds", "6.2", "1.26") { film in
            var playlist = film.playlists["large-keys/index.m3u8"]!
            playlist.segments = playlist.segments.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            for index in 0..<10 { playlist.segments[index].durationMicroseconds = 2_000_000 }
            playlist.targetDurationSeconds = 2
            film.playlists["large-keys/index.m3u8"] = playlist
        },
        Fault("16 frames per second", "1.18", "9.15") { film in
            film = Fault.rungs {
                $0[1].ticks = 800
                $0[1].sequence.level = 22
                $0[1].segments = [96, 96, 96, 48]
                $0[1].framesPerKey = 32
                $0[1].frameBytesOfSegment = [:]
            }
        },
        Fault("a segment that is longer than it says", "7.7", "8.1", "8.3", "8.22") { film in
            film = Fault.rungs {
                $0[1].segments = [150, 165, 150, 75]
                $0[1].frameBytesOfSegment = [:]
            }
            film.playlists["large/index.m3u8"]?.segments[1].durationMicroseconds = 6_000_000
            film.state()
        },
        Fault("HEVC alone", "1.12") { film in film = hevc(level: 93, profile: 1) },
        Fault("HEVC of a level above 5.1", "1.12", "1.6b") { film in film = hevc(level: 180, profile: 1) },
        Fault("common encryption of another pattern", "13.7") {
            $0.files["large/init.mp4"] = encrypted($0.files["large/init.mp4"]!)
        },
    ]

    /// The film in HEVC, as far as headers and units say it.
    private static func hevc(level: UInt8, profile: UInt8) -> Film {
        var film = Fault.rungs { for index in $0.indices { $0[index].units = (0x26, 0x02) } }
        let record: [UInt8] =
            [1, profile, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, level, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, 0]
        for name in film.files.keys where name.hasSuffix("init.mp4") && !name.hasPrefix("sound") {
            var bytes = renamed("avcC", to: "hvcC", in: renamed("avc1", to: "hvc1", in: film.files[name]!))
            let place = bytes.firstRange(of: Array("hvcC".utf8))!.upperBound
            bytes.replaceSubrange(place..<place + record.count, with: record)
            film.files[name] = bytes
        }
        for name in film.files.keys where name.contains("-keys/") && name.hasSuffix(".m4s") {
            let place = film.files[name]!.firstRange(of: Array("mdat".utf8))!.upperBound + 4
            film.files[name]![place] = 0x26
        }
        for index in 0..<2 {
            film.multivariant.variants[index].codecs[0] = "hvc1.\(profile).6.L\(level).90"
            film.multivariant.iFrameVariants[index].codecs[0] = "hvc1.\(profile).6.L\(level).90"
        }
        return film
    }

    /// An initialisation section whose samples are said to be encrypted with a pattern of 5:5.
    private static func encrypted(_ bytes: [UInt8]) -> [UInt8] {
        func box(_ type: String, _ payload: [UInt8]) -> [UInt8] {
            let size = UInt32(payload.count + 8)
            return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } + Array(type.utf8) + payload
        }
        let tenc = box("tenc", [1, 0, 0, 0, 0, 0x55, 1, 0] + [UInt8](repeating: 7, count: 32))
        let schm = box("schm", [0, 0, 0, 0] + Array("cbcs".utf8) + [0, 1, 0, 0])
        let sinf = box("sinf", box("frma", Array("avc1".utf8)) + schm + box("schi", tenc))
        var bytes = renamed("avc1", to: "encv", in: bytes)
        let entry = bytes.firstRange(of: Array("encv".utf8))!.lowerBound - 4
        let length = bytes[entry..<entry + 4].reduce(0) { $0 << 8 | Int($1) }
        bytes.insert(contentsOf: sinf, at: entry + length)
        for type in ["moov", "trak", "mdia", "minf", "stbl", "stsd", "encv"] {
            let place = bytes.firstRange(of: Array(type.utf8))!.lowerBound - 4
            let size = bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } + UInt32(sinf.count)
            bytes.replaceSubrange(
                place..<place + 4, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) })
        }
        return bytes
    }

    private static func renamed(_ type: String, to other: String, in bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        while let range = bytes.firstRange(of: Array(type.utf8)) {
            bytes.replaceSubrange(range, with: Array(other.utf8))
        }
        return bytes
    }
}
