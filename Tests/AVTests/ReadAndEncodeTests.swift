import AV
import MediaPlan
import Testing

@Suite struct ReadAndEncodeTests {
    /// The clip's pictures at a small size, with their places on the grid.
    private func pictures(_ body: (Picture, Int, MediaPlan) throws -> Void) throws {
        try withFile(clip) { descriptor in
            let source = try MediaSource(borrowing: descriptor)
            let plan = try MediaPlan(for: source.media)
            let video = try #require(plan.video)
            source.select(streams: [video.streamIndex])
            let reader = try VideoReader(source: source, plan: video, width: 320, height: 180, limits: .init())
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

    @Test func `keyframes stand where the frame's number says, and nowhere else`() async throws {
        try await apart {
            var encoder: VideoEncoder?
            var frames: [EncodedFrame] = []
            try pictures { picture, _, plan in
                let rung = Rung(
                    name: "180p", width: 320, height: 180, maximumBitsPerSecond: 200_000, constantRateFactor: 30,
                    frameStep: 1)
                if encoder == nil {
                    encoder = try VideoEncoder(
                        rung: rung, grid: plan.grid, colour: .init(primaries: 1, transfer: 1, matrix: 1),
                        preset: "ultrafast", threads: 1)
                }
                try encoder?.encode(picture) { frames.append($0) }
            }
            try encoder?.encode(nil) { frames.append($0) }
            #expect(frames.count == 132)
            #expect(frames.filter(\.isKey).map(\.presentation) == [0, 50, 100])
            #expect(frames.map(\.presentation).sorted() == Array(0..<132))
            #expect(encoder?.header.isEmpty == false)
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
                let source = try MediaSource(borrowing: descriptor)
                let plan = try #require(try MediaPlan(for: source.media).audio.first)
                source.select(streams: [plan.streamIndex])
                let reader = try AudioReader(source: source, streamIndex: plan.streamIndex)
                let encoder = try AudioEncoder(plan: plan)
                var frames: [EncodedFrame] = []
                let packet = try Packet()
                while source.read(into: packet) {
                    try reader.read(packet) { try encoder.encode($0) { frames.append($0) } }
                }
                try reader.read(nil) { try encoder.encode($0) { frames.append($0) } }
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
}
