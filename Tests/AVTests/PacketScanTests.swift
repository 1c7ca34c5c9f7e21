import AV
import MediaPlan
import Testing

@Suite struct PacketScanTests {
    @Test func `every packet of a film is counted and timed`() async throws {
        try await apart {
            try withFile(clip) { descriptor in
                let source = try MediaSource(borrowing: descriptor)
                try source.scan()
                let media = source.media
                #expect(media.bytes == 1_055_736)
                #expect(media.canSeek && !media.breaksOff && media.clockLeaps == 0)
                let pictures = try #require(media.pictures)
                #expect(pictures.times.count == 132)
                #expect(pictures.keys.map(\.presentation) == [0])
                let timing = FrameTiming(pictures)
                #expect(timing.averageRate.map { abs($0 - 25) < 1e-6 } == true)
                #expect(!timing.isVariable)
                let video = try #require(media.streams.first)
                #expect(video.measured.packets == 132)
                #expect(video.measured.seconds == 5.28)
                #expect(video.measured.isMonotone)
                #expect(media.streams.reduce(0) { $0 + $1.measured.bytes } < media.bytes)
                #expect(media.streams[1].measured.startMicroseconds == 0)
            }
        }
    }

    @Test func `how every picture is coded is measured without decoding`() async throws {
        try await apart {
            try withFile(clip) { descriptor in
                let source = try MediaSource(borrowing: descriptor)
                try source.scan()
                let coding = try #require(source.media.coding)
                #expect(coding.sets.count == 1)
                #expect(
                    coding.sets.first?.header
                        == .init(
                            profile: 77, constraints: 0x40, level: 31, width: 1280, height: 720, bitDepth: 8,
                            chromaFormat: 1, isProgressive: true))
                #expect(coding.faults.isEmpty)
                #expect(coding.pictures.count == 132)
                #expect(coding.pictures.indices.filter { coding.pictures[$0].isIDR } == [0])
                let measured = source.media.streams[0].measured.bytes
                #expect(coding.pictures.reduce(0) { $0 + Int($1.bytes) } <= measured)
            }
        }
    }

    @Test func `the first frames show whether they are interlaced, whatever the container says`() async throws {
        try await apart {
            try withFile(clip) { descriptor in
                let source = try MediaSource(borrowing: descriptor)
                let first = try FirstFrames(of: source, streamIndex: 0, limits: .init())
                #expect(first.count >= 8)
                #expect(first.isInterlaced == false)
            }
        }
    }
}
