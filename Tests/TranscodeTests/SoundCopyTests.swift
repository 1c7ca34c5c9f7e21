import CMAF
import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

@testable import AV

@Suite struct SoundCopyTests {
    /// Noise, coded as AAC-LC by an earlier transcode: the init segment and the media segments.
    private static func coded(seconds: Int, channels: Int) throws -> (header: [UInt8], segments: [[UInt8]]) {
        var film = MatroskaFilm(seconds: seconds, channels: channels)
        film.sample = { time, channel in
            let noise = UInt32(truncatingIfNeeded: time &* 6 &+ channel) &* 2_654_435_761
            return Int16(truncatingIfNeeded: Int(noise >> 16) - 32_768) / 8
        }
        let result = try withBytes(film.bytes) { try Recorder.transcoding($0) }
        let rendition = try #require(result.renditions.last)
        #expect(try #require(result.plan).outline.renditions.last?.name == (channels == 6 ? "surround" : "audio"))
        return (rendition.initialization, rendition.segments.sorted { $0.key < $1.key }.map(\.value))
    }

    /// The coded frames of a sound rendition, and how the file says that they are coded.
    private func frames(_ bytes: [UInt8]) throws -> (frames: [[UInt8]], configuration: [UInt8]?) {
        try withBytes(bytes) { descriptor in
            let source = try MediaSource(borrowing: descriptor)
            let packet = try Packet()
            var frames: [[UInt8]] = []
            while source.read(into: packet) { frames.append(packet.bytes) }
            return (frames, source.soundConfiguration(of: 0))
        }
    }

    @Test func `sound that complies comes out frame for frame, the same every time, and is measured`() async throws {
        try await apart {
            let (header, segments) = try Self.coded(seconds: 14, channels: 2)
            let film = header + segments.flatMap(\.self)
            let (result, again) = try withBytes(film) { (try Recorder.transcoding($0), try Recorder.transcoding($0)) }
            #expect(result.failure == nil)
            let plan = try #require(result.plan)
            #expect(MediaPlan(json: plan.media)?.audio[0].copy != nil)
            let (copied, source) = (try frames(result.file(0)), try frames(film))
            #expect(copied.frames == source.frames && copied.configuration == source.configuration)
            #expect(result.renditions == again.renditions)
            #expect(result.durations(0).reduce(0, +) == Int64(plan.outline.durationSeconds * 1_000_000))
            #expect(result.durations(0).count == 3)
            let loudness = try #require(result.notes.last?.loudness.first)
            #expect(loudness.integrated.map { (-30 ... -5).contains($0) } == true)
            let streams = plan.outline.explanation["source"]?["streams"]?.array ?? []
            #expect(streams.compactMap { $0["decision"]?.string } == ["sound rendition audio (as it is)"])
        }
    }

    @Test func `a frame that the decoder cannot use is silence, and it is said`() async throws {
        try await apart {
            let (header, segments) = try Self.coded(seconds: 7, channels: 2)
            var film = header + segments.flatMap(\.self)
            let good = try frames(film).frames
            let place = try #require(film.firstRange(of: good[100]))
            film.replaceSubrange(place, with: [UInt8](repeating: 0, count: place.count))
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            var expected = good
            expected[100] = try #require(AACSilence.frame(channels: 2))
            #expect(try frames(result.file(0)).frames == expected)
            #expect(result.decisions.map(\.choice) == ["played as far as it goes"])
        }
    }

    @Test func `surround is copied, stereo encoded from it, and it is decoded once`() async throws {
        try await apart {
            let (header, segments) = try Self.coded(seconds: 7, channels: 6)
            let film = header + segments.flatMap(\.self)
            let result = try withBytes(film) { try Recorder.transcoding($0) }
            #expect(result.failure == nil)
            let media = try #require(result.plan.flatMap { MediaPlan(json: $0.media) })
            #expect(media.audio.map { $0.copy == nil } == [true, false])
            let source = try frames(film).frames
            #expect(try frames(result.file(1)).frames == source)
            #expect(try frames(result.file(0)).configuration?.first.map { $0 >> 3 } == 2)
            #expect(result.durations(0).reduce(0, +) == result.durations(1).reduce(0, +))
            let notes = try #require(result.notes.last)
            #expect(notes.loudness.map(\.rendition) == ["audio", "surround"])
            #expect(notes.packets <= source.count + 1)
        }
    }

    @Test func `a file that has become shorter is tried again, and nothing wrong is said`() async throws {
        try await apart {
            let (header, segments) = try Self.coded(seconds: 14, channels: 2)
            let recorder = try withBytes(header + segments.flatMap(\.self)) { try Recorder.probing($0) }
            let unit = try #require(recorder.plan?.units.first)
            try withBytes(header + segments[0]) { try recorder.perform(unit, $0) }
            #expect(recorder.failure?.isRetryable == true)
            let said = try recorder.renditions[0].segments.sorted { $0.key < $1.key }.flatMap {
                try frames(recorder.renditions[0].initialization + $0.value).frames
            }
            #expect(try said == Array(frames(header + segments[0]).frames.prefix(said.count)))
        }
    }

    @Test(arguments: [2, 6]) func `a decoder takes silent frames`(channels: Int) async throws {
        try await apart {
            let (header, _) = try Self.coded(seconds: 1, channels: channels)
            let silence = try #require(AACSilence.frame(channels: channels))
            let samples = (0..<50).map { _ in Sample(duration: 1024, isSync: true, bytes: silence) }
            try withBytes(header + MediaSegment.bytes(sequence: 1, decodeTime: 0, samples: samples)) { descriptor in
                let source = try MediaSource(borrowing: descriptor)
                #expect(source.media.audio.first?.channels == channels)
                let decoder = try Decoder(source: source, streamIndex: 0, maximumPixels: 1, origin: 0)
                let packet = try Packet()
                while source.read(into: packet) { try decoder.decode(packet) { _, _ in } }
                #expect(decoder.frames == 50 && decoder.brokenPackets == 0)
            }
        }
    }
}
