import AV
import CMAF
import Glibc
import JSON
import MediaPlan
import Playlist
import Presentation
import Testing
import Transcode

/// Keeps everything a transcode says.
private final class Recorder: TranscodeSink {
    struct Rendition {
        var initialization: [UInt8] = []
        var segments: [(bytes: [UInt8], durationMicroseconds: Int64)] = []
    }

    var outline: PresentationOutline?
    var renditions: [Rendition] = []
    var progress: [Double] = []
    var last: TranscodeEvent?

    func receive(_ event: TranscodeEvent) throws {
        last = event
        switch event {
        case .started(let outline):
            self.outline = outline
            renditions = outline.renditions.map { _ in Rendition() }
        case .initialization(let rendition, let bytes):
            renditions[rendition].initialization = bytes
        case .segment(let rendition, let number, let duration, let bytes):
            #expect(number == renditions[rendition].segments.count + 1)
            renditions[rendition].segments.append((bytes, duration))
        case .progress(let fraction):
            progress.append(fraction)
        case .finished, .failed:
            break
        }
    }

    /// A rendition as one file.
    func file(_ index: Int) -> [UInt8] {
        renditions[index].initialization + renditions[index].segments.flatMap(\.bytes)
    }
}

private func fixture(_ name: String) -> String {
    "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/" + name
}

private func transcode(_ descriptor: Int32) throws -> Recorder {
    let recorder = Recorder()
    try Transcoder.run(descriptor: descriptor, options: .init(preset: "ultrafast", encoderThreads: 1), sink: recorder)
    return recorder
}

private func withBytes<R>(_ bytes: [UInt8], _ body: (Int32) throws -> R) throws -> R {
    let file = try #require(tmpfile())
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    fflush(file)
    return try body(fileno(file))
}

/// The clip's pictures, played `times` times over at a small size, as one fragmented file without sound.
private func longFilm(times: Int) throws -> [UInt8] {
    let grid = FrameGrid(rate: try #require(Rational(25, 1)))
    let rung = Rung(
        name: "360p", width: 640, height: 360, maximumBitsPerSecond: 300_000, constantRateFactor: 30, frameStep: 1)
    let colour = EncodedColour(primaries: 1, transfer: 1, matrix: 1)
    let encoder = try VideoEncoder(rung: rung, grid: grid, colour: colour, preset: "ultrafast", threads: 1)
    var samples: [Sample] = []
    let keep = { (frame: EncodedFrame) in
        let order = frame.presentation - Int64(samples.count) + Int64(encoder.reorderFrames)
        samples.append(
            Sample(
                duration: UInt32(grid.ticksPerFrame), compositionOffset: UInt32(order * Int64(grid.ticksPerFrame)),
                isSync: frame.isKey, bytes: AnnexB.sample(from: frame.bytes)))
    }
    for _ in 0..<times {
        let descriptor = open(fixture("big-buck-bunny-720p25.mp4"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let source = try MediaSource(borrowing: descriptor)
        let plan = try #require(try MediaPlan(for: source.media).video)
        source.select(streams: [plan.streamIndex])
        let reader = try VideoReader(source: source, plan: plan, width: 640, height: 360, limits: .init())
        let packet = try Packet()
        while source.read(into: packet) { try reader.read(packet) { try encoder.encode($0.picture, keep) } }
        try reader.read(nil) { try encoder.encode($0.picture, keep) }
    }
    try encoder.encode(nil, keep)
    let track = VideoTrack(
        configuration: try #require(AVCConfiguration(annexB: encoder.header)), width: 640, height: 360,
        timescale: grid.timescale, reorderDelay: encoder.reorderFrames * grid.ticksPerFrame,
        colour: .init(primaries: 1, transfer: 1, matrix: 1))
    return InitializationSegment.bytes(video: track)
        + MediaSegment.bytes(sequence: 1, decodeTime: 0, samples: samples)
}

/// Type of the first picture unit in a segment's `mdat`: 5 is an IDR.
private func firstPicture(_ segment: [UInt8]) -> UInt8? {
    guard let data = Box.find("mdat", in: segment)?.payload else { return nil }
    var offset = data.lowerBound
    while offset + 5 <= data.upperBound {
        let kind = segment[offset + 4] & 0x1f
        if kind == 1 || kind == 5 { return kind }
        offset += 4 + segment[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return nil
}

/// Frames that libav decodes from a rendition, and the broken packets on the way.
private func decode(_ bytes: [UInt8]) throws -> (frames: Int, broken: Int) {
    try withBytes(bytes) { descriptor in
        let source = try MediaSource(borrowing: descriptor)
        let packet = try Packet()
        let plan = try MediaPlan(for: source.media)
        if let video = plan.video {
            let reader = try VideoReader(source: source, plan: video, width: 64, height: 36, limits: .init())
            while source.read(into: packet) { try reader.read(packet) { _ in } }
            try reader.read(nil) { _ in }
            return (reader.decoder.frames, reader.decoder.brokenPackets)
        }
        let reader = try AudioReader(source: source, streamIndex: 0)
        while source.read(into: packet) { try reader.read(packet) { _ in } }
        try reader.read(nil) { _ in }
        return (reader.decoder.frames, reader.decoder.brokenPackets)
    }
}

@Suite struct TranscoderTests {
    @Test func `the clip becomes five sizes and stereo sound, every frame of which decodes`() async throws {
        try await apart {
            let descriptor = open(fixture("big-buck-bunny-720p25.mp4"), O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            let result = try transcode(descriptor)
            #expect(result.outline?.renditions.map(\.name) == ["234p", "360p", "432p", "540p", "720p", "audio"])
            guard case .finished(let duration, let explanation) = result.last else {
                Issue.record("it did not finish: \(String(describing: result.last))")
                return
            }
            #expect(duration == 5_280_000)
            #expect(explanation["decisions"]?.array?.isEmpty == false)
            for index in 0..<5 {
                #expect(result.renditions[index].segments.map(\.durationMicroseconds) == [5_280_000])
                #expect(firstPicture(result.renditions[index].segments[0].bytes) == 5)
                let decoded = try decode(result.file(index))
                #expect(decoded == (132, 0))
            }
            #expect(result.renditions[5].segments.map(\.durationMicroseconds) == [5_280_000])
            let sound = try decode(result.file(5))
            #expect(sound.broken == 0)
            #expect(sound.frames == (5_280 * 48 + 1024 + 1023) / 1024)
        }
    }

    @Test func `a longer film is cut at the same frames in every size`() async throws {
        try await apart {
            let film = try longFilm(times: 3)
            let result = try withBytes(film) { try transcode($0) }
            #expect(result.outline?.renditions.map(\.name) == ["234p", "360p"])
            for rendition in result.renditions {
                #expect(rendition.segments.map(\.durationMicroseconds) == [6_000_000, 6_000_000, 3_840_000])
                #expect(rendition.segments.map { firstPicture($0.bytes) } == [5, 5, 5])
            }
            for index in result.renditions.indices { #expect(try decode(result.file(index)) == (396, 0)) }
            #expect(result.progress == result.progress.sorted())
        }
    }

    @Test func `the same upload gives the same bytes`() async throws {
        try await apart {
            let film = try longFilm(times: 1)
            let first = try withBytes(film) { try transcode($0) }
            let second = try withBytes(film) { try transcode($0) }
            for index in first.renditions.indices { #expect(first.file(index) == second.file(index)) }
        }
    }

    @Test func `a film that breaks off is shown as far as it goes, and the explanation says so`() async throws {
        try await apart {
            let film = try longFilm(times: 2)
            let result = try withBytes(Array(film[..<(film.count / 2)])) { try transcode($0) }
            guard case .finished(let duration, _) = result.last else {
                Issue.record("it did not finish: \(String(describing: result.last))")
                return
            }
            #expect(duration > 1_000_000 && duration < 10_560_000)
            for index in result.renditions.indices { #expect(try decode(result.file(index)).broken == 0) }
        }
    }

    @Test func `an upload that is no film fails with a reason, and not to be tried again`() async throws {
        try await apart {
            let result = try withBytes(Array("This is a text and no film.".utf8)) { try transcode($0) }
            guard case .failed(let failure) = result.last else {
                Issue.record("it did not fail")
                return
            }
            #expect(failure.reason.contains("not a video or audio file"))
            #expect(!failure.isRetryable)
            #expect(result.outline == nil)
        }
    }
}
