import AV
import CMAF
import Glibc
import MediaPlan
import Testing

/// The plan of the upload behind `descriptor`.
private func scanned(_ descriptor: Int32) throws -> MediaPlan {
    let source = try MediaSource(borrowing: descriptor)
    try source.scan()
    return try MediaPlan(for: source.media)
}

@Suite struct ReadAndEncodeTests {
    /// The clip's pictures at a small size, with their places on the grid.
    private func pictures(_ body: (Picture, Int, MediaPlan) throws -> Void) throws {
        try withFile(clip) { descriptor in
            let plan = try scanned(descriptor)
            let source = try MediaSource(borrowing: descriptor)
            let video = try #require(plan.video)
            source.select(streams: [video.streamIndex])
            let reader = try VideoReader(source: source, plan: video, width: 320, height: 180)
            let packet = try Packet()
            let place = { (timed: VideoReader.Timed) in plan.grid.frame(nearest: timed.time, unit: timed.unit) }
            while source.read(into: packet) { try reader.read(packet) { try body($0.picture, place($0), plan) } }
            try reader.read(nil) { try body($0.picture, place($0), plan) }
            #expect(reader.decoder.brokenPackets == 0)
        }
    }

    @Test func `every frame comes once, in order and in the wanted size`() async throws {
        try await apart {
            var places: [Int] = []
            try pictures { picture, place, _ in
                #expect((picture.width, picture.height) == (320, 180))
                places.append(place)
            }
            #expect(places == Array(0..<132))
        }
    }

    @Test(arguments: VideoCodec.allCases)
    func `keyframes stand where the frame's number says, and nowhere else`(codec: VideoCodec) async throws {
        try await apart {
            var encoder: VideoEncoder?
            var frames: [EncodedFrame] = []
            try pictures { picture, _, plan in
                let rung = Rung(
                    name: "180p", codec: codec, width: 320, height: 180, maximumBitsPerSecond: 200_000,
                    constantRateFactor: 30, frameStep: 1)
                if encoder == nil {
                    encoder = try VideoEncoder(
                        rung: rung, grid: plan.grid, colour: .init(primaries: 1, transfer: 1, matrix: 1),
                        preset: "ultrafast")
                }
                try encoder?.encode(picture) { frames.append($0) }
            }
            try encoder?.encode(nil) { frames.append($0) }
            #expect(frames.count == 132)
            #expect(frames.filter(\.isKey).map(\.presentation) == [0, 50, 100])
            #expect(frames.map(\.presentation).sorted() == Array(0..<132))
            let name = try #require(encoder?.configuration().codecString)
            #expect(name.hasPrefix([.h264: "avc1.", .hevc: "hvc1.1.6.L", .av1: "av01.0."][codec] ?? ""))
        }
    }

    @Test(arguments: VideoCodec.allCases)
    func `a segment that begins within a group begins with a keyframe, and groups count from there`(
        codec: VideoCodec
    ) async throws {
        try await apart {
            let rate = try #require(Rational(25, 1))
            let grid = try #require(FrameGrid(rate: rate, cuts: [0, 70, 120]))
            let rung = Rung(
                name: "64p", codec: codec, width: 64, height: 64, maximumBitsPerSecond: 200_000,
                constantRateFactor: 30, frameStep: 1)
            let encoder = try VideoEncoder(
                rung: rung, grid: grid, colour: .init(primaries: 1, transfer: 1, matrix: 1), preset: "ultrafast")
            var frames: [EncodedFrame] = []
            for _ in 0..<140 { try encoder.encode(try Picture.black(width: 64, height: 64)) { frames.append($0) } }
            try encoder.encode(nil) { frames.append($0) }
            #expect(frames.filter(\.isKey).map(\.presentation) == [0, 50, 70, 120])
            #expect(frames.map(\.presentation).sorted() == Array(0..<140))
        }
    }

    @Test func `what is said of AV1 before anything is encoded is what its stream says`() async throws {
        try await apart {
            let grid = FrameGrid(rate: try #require(Rational(25, 1)))
            let rung = Rung(
                name: "180p", codec: .av1, width: 320, height: 180, maximumBitsPerSecond: 200_000,
                constantRateFactor: 35, frameStep: 1)
            let encoder = try VideoEncoder(
                rung: rung, grid: grid, colour: .init(primaries: 1, transfer: 1, matrix: 1), preset: "veryfast")
            let stated = try encoder.configuration()
            var frames: [EncodedFrame] = []
            try pictures { picture, _, _ in try encoder.encode(picture) { frames.append($0) } }
            try encoder.encode(nil) { frames.append($0) }
            for key in frames where key.isKey {
                #expect(AV1Configuration(header: key.bytes).map { .av1($0) } == stated)
                #expect(sched_getscheduler(0) == SCHED_OTHER)
            }
        }
    }

    @Test(arguments: VideoCodec.allCases)
    func `an encoder that begins later puts keyframes where the first would`(codec: VideoCodec) async throws {
        try await apart {
            var frames: [EncodedFrame] = []
            var encoder: VideoEncoder?
            try pictures { picture, _, plan in
                let rung = Rung(
                    name: "180p", codec: codec, width: 320, height: 180, maximumBitsPerSecond: 200_000,
                    constantRateFactor: 30, frameStep: 1)
                if encoder == nil {
                    encoder = try VideoEncoder(
                        rung: rung, grid: plan.grid, colour: .init(primaries: 1, transfer: 1, matrix: 1),
                        preset: "ultrafast", firstFrame: 150)
                }
                try encoder?.encode(picture) { frames.append($0) }
            }
            try encoder?.encode(nil) { frames.append($0) }
            #expect(frames.filter(\.isKey).map(\.presentation) == [150, 200, 250])
            #expect(frames.map(\.presentation).sorted() == Array(150..<282))
        }
    }

    @Test func `a picture that is right already passes without filters, any other through them`() async throws {
        try await apart {
            try withFile(clip) { descriptor in
                for (width, height) in [(1280, 720), (1278, 720)] {
                    let plan = try #require(try scanned(descriptor).video)
                    let source = try MediaSource(borrowing: descriptor)
                    source.select(streams: [plan.streamIndex])
                    let reader = try VideoReader(source: source, plan: plan, width: width, height: height)
                    let packet = try Packet()
                    var times: [Int64] = []
                    while times.count < 20, source.read(into: packet) {
                        try reader.read(packet) {
                            #expect(($0.picture.width, $0.picture.height) == (width, height))
                            times.append($0.time * 25 * Int64($0.unit.numerator) / Int64($0.unit.denominator))
                        }
                    }
                    #expect(Array(times.prefix(20)) == Array(0..<20))
                }
            }
        }
    }

    @Test func `a picture is scaled to any smaller size`() async throws {
        try await apart {
            var done = false
            try pictures { picture, _, _ in
                if done { return }
                done = true
                let small = try Scaler(from: (320, 180), to: (106, 60)).scale(picture)
                #expect((small.width, small.height) == (106, 60))
            }
        }
    }

    @Test func `sound is continuous, and silence fills it up to any length`() async throws {
        try await apart {
            try withFile(clip) { descriptor in
                let plan = try #require(try scanned(descriptor).audio.first)
                let source = try MediaSource(borrowing: descriptor)
                source.select(streams: [plan.streamIndex])
                let reader = try AudioReader(source: source, streamIndex: plan.streamIndex)
                let encoder = try AudioEncoder(plan: plan)
                var frames: [EncodedFrame] = []
                let packet = try Packet()
                while source.read(into: packet) {
                    try reader.read(packet) { picture, _ in try encoder.encode(picture) { frames.append($0) } }
                }
                try reader.read(nil) { picture, _ in try encoder.encode(picture) { frames.append($0) } }
                let film = encoder.samples
                #expect(film > 5 * 48_000 && film < 6 * 48_000)
                try encoder.finish(at: 10 * 48_000) { frames.append($0) }
                #expect(encoder.samples >= 10 * 48_000)
                #expect(encoder.priming == 1024)
                #expect(encoder.specificConfig.first.map { $0 >> 3 } == 2)
                let expected = frames.indices.map { Int64($0 - 1) * 1024 }
                #expect(frames.map(\.presentation) == expected)
            }
        }
    }

    @Test func `a short gap in sound is stretched away, and what follows stays in its place`() async throws {
        try await apart {
            let film = try withFile(clip) { descriptor in
                let plan = try #require(try scanned(descriptor).audio.first)
                let source = try MediaSource(borrowing: descriptor)
                source.select(streams: [plan.streamIndex])
                let reader = try AudioReader(source: source, streamIndex: plan.streamIndex)
                let encoder = try AudioEncoder(plan: plan)
                var samples: [Sample] = []
                let packet = try Packet()
                while source.read(into: packet) {
                    try reader.read(packet) { picture, _ in
                        try encoder.encode(picture) { frame in
                            // Two frames are missing after the 100th.
                            let duration: UInt32 = samples.count == 99 ? 3072 : 1024
                            samples.append(Sample(duration: duration, isSync: true, bytes: frame.bytes))
                        }
                    }
                }
                let track = AudioTrack(
                    specificConfig: encoder.specificConfig, sampleRate: 48_000, channels: 2, priming: encoder.priming,
                    bitsPerSecond: plan.bitsPerSecond)
                return InitializationSegment.bytes(audio: track)
                    + MediaSegment.bytes(sequence: 1, decodeTime: 0, samples: samples)
            }
            try withBytes(film) { descriptor in
                let source = try MediaSource(borrowing: descriptor)
                let reader = try AudioReader(source: source, streamIndex: 0)
                let packet = try Packet()
                var (packets, frames) = (0, 0)
                while source.read(into: packet) {
                    packets += 1
                    try reader.read(packet) { _, _ in frames += 1 }
                    #expect(frames <= packets + 3)
                }
                try reader.read(nil) { _, _ in frames += 1 }
                #expect(frames >= packets)
            }
        }
    }
}
