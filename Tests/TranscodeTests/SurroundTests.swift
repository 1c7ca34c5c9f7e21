import CFFmpeg
import Glibc
import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

@testable import AV

@Suite struct SurroundTests {
    /// A film whose six channels are silent but `loud`, in which there is a tone.
    private static func film(loud: Int, hertz: Double) -> MatroskaFilm {
        var film = MatroskaFilm(seconds: 3, channels: 6)
        film.sample = { time, channel in
            channel == loud ? Int16(12_000 * sin(Double(time) * hertz * 2 * .pi / 48_000)) : 0
        }
        return film
    }

    /// The power of each channel of a sound rendition, the first and the last tenth of a second left out.
    private static func powers(_ bytes: [UInt8], channels: Int) throws -> [Double] {
        try withBytes(bytes) { descriptor in
            let source = try MediaSource(borrowing: descriptor)
            #expect(source.media.audio.first?.channels == channels)
            let reader = try AudioReader(source: source, streamIndex: 0, channels: [channels])
            let packet = try Packet()
            var powers = [Double](repeating: 0, count: channels)
            var frames = 0
            let add = { (picture: Picture, _: Int) in
                frames += 1
                guard (5..<135).contains(frames) else { return }
                for channel in 0..<channels {
                    let samples = try #require(picture.frame.pointee.extended_data[channel])
                    samples.withMemoryRebound(to: Float.self, capacity: AudioReader.frameSamples) { samples in
                        for index in 0..<Int(picture.frame.pointee.nb_samples) {
                            powers[channel] += Double(samples[index] * samples[index])
                        }
                    }
                }
            }
            while source.read(into: packet) { try reader.read(packet, add) }
            try reader.read(nil, add)
            return powers
        }
    }

    @Test(arguments: [(0, 440.0), (2, 440), (3, 60), (4, 440), (5, 440)])
    func `a tone in one channel is in that channel of the result and in no other`(loud: Int, hertz: Double) async throws
    {
        try await apart {
            let result = try withBytes(Self.film(loud: loud, hertz: hertz).bytes) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let outline = try #require(result.plan).outline
            #expect(outline.sounds.map { outline.renditions[$0].name } == ["audio", "surround"])
            let powers = try Self.powers(result.file(outline.sounds[1]), channels: 6)
            #expect(powers[loud] > 1000)
            for other in powers.indices where other != loud { #expect(powers[other] < powers[loud] / 1000) }
        }
    }

    @Test func `stereo has the centre on both sides, and what is behind on its own side`() async throws {
        try await apart {
            let centre = try withBytes(Self.film(loud: 2, hertz: 440).bytes) { try Recorder.transcoding($0) }
            let both = try Self.powers(centre.file(0), channels: 2)
            #expect(both[0] > 1000 && abs(both[0] / both[1] - 1) < 0.05)
            let back = try withBytes(Self.film(loud: 4, hertz: 440).bytes) { try Recorder.transcoding($0) }
            let left = try Self.powers(back.file(0), channels: 2)
            #expect(left[0] > 1000 && left[1] < left[0] / 1000)
        }
    }

    @Test func `stereo and surround last equally long, and both are explained`() async throws {
        try await apart {
            var film = Self.film(loud: 0, hertz: 440)
            film.seconds = 7
            let result = try withBytes(film.bytes) { try Recorder.transcoding($0) }
            let plan = try #require(result.plan)
            #expect(result.durations(0).count == 2 && result.durations(0) == result.durations(1))
            #expect(
                plan.outline.renditions.map(\.content) == [
                    .audio(language: "en", channels: 2, isDefault: true, track: 0),
                    .audio(language: "en", channels: 6, isDefault: true, track: 0),
                ])
            let streams = plan.outline.explanation["source"]?["streams"]?.array ?? []
            #expect(streams.compactMap { $0["decision"]?.string } == ["sound renditions audio and surround"])
            #expect(result.notes.last?.loudness.map(\.rendition) == ["audio", "surround"])
        }
    }
}
