import CMAF
import Conformance
import Playlist
import Testing

/// Renditions of parts that are coded in different ways.
@Suite struct PartsTests {
    /// The large rendition's third and fourth segment are behind an initialisation section of their own.
    private static func film(_ change: (inout SequenceSpec) -> Void) -> Film {
        var film = Film()
        var other = Film.rungs[1].sequence
        change(&other)
        film.files["large/init-2.mp4"] = InitializationSegment.bytes(video: Film.track(other))
        for index in 2..<4 { film.playlists["large/index.m3u8"]?.segments[index].map = .init(uri: "init-2.mp4") }
        return film
    }

    @Test func `every segment is measured behind its own initialisation section`() async throws {
        let film = Self.film { $0.references = 2 }
        let report = await film.report()
        #expect(report.findings.isEmpty, "\(report.text)")
        #expect(report.renditions.first { $0.address == "large/index.m3u8" }?.codecs == ["avc1.64001e"])
    }

    @Test func `CODECS must name the highest level of all parts, and may name the others`() async throws {
        var film = Self.film { $0.level = 31 }
        let lower = await film.report()
        #expect(lower.rules.contains("9.1"), "\(lower.text)")
        film.multivariant.variants[0].codecs[0] = "avc1.64001f"
        let highest = await film.report()
        #expect(highest.rules == ["1.11"], "\(highest.text)")
        film.multivariant.variants[0].codecs.append("avc1.64001e")
        let both = await film.report()
        #expect(both.rules == ["1.11"], "\(both.text)")
        film.multivariant.variants[0].codecs.append("avc1.640020")
        let other = await film.report()
        #expect(other.rules == ["1.11", "9.1"], "\(other.text)")
    }

    @Test func `faults of one part are found`() async throws {
        let faults: [(rules: [String], change: (inout SequenceSpec) -> Void)] = [
            (["9.2"], { $0.width = 320 }), (["1.14"], { $0.isProgressive = false }),
        ]
        for (rules, change) in faults {
            let report = await Self.film(change).report()
            #expect(report.rules == rules, "\(report.text)")
        }
        var film = Self.film { $0.references = 2 }
        film.files["large/3.m4s"] = Fault.rungs { $0[1].withoutIDR = [3] }.files["large/3.m4s"]
        let report = await film.report()
        #expect(report.rules.contains("7.4"), "\(report.text)")
    }

    @Test func `one header with several parameter sets needs the highest of them`() async throws {
        var film = Film()
        var other = Film.rungs[1].sequence
        (other.level, other.profile) = (31, 77)
        let first = Film.track(Film.rungs[1].sequence)
        let sets = [first, Film.track(other)].flatMap { track -> [AVCParameterSets] in
            if case .avc(let configuration) = track.configuration { configuration.sets } else { [] }
        }
        let second = try #require(sets[1].numbered(.init(sequence: 5, picture: 15)))
        var track = first
        track.configuration = .avc(try #require(AVCConfiguration([sets[0], second])))
        film.files["large/init.mp4"] = InitializationSegment.bytes(video: track)
        let lower = await film.report()
        #expect(lower.rules.contains("9.1"), "\(lower.text)")
        film.multivariant.variants[0].codecs[0] = "avc1.64001f"
        let report = await film.report()
        #expect(report.rules == ["1.11"], "\(report.text)")
    }
}
