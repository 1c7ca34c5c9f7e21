import CMAF
import Testing

/// What this module writes, it reads as what it was; what nobody would write, it refuses.
@Suite struct ReadingTests {
    private static let parameters: [UInt8] =
        [0, 0, 0, 1, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0, 0, 1, 0x68, 0xeb, 0xe3, 0xcb]
    private static let pictures = InitializationSegment.bytes(
        video: VideoTrack(
            configuration: .avc(AVCConfiguration(annexB: parameters)!), width: 1280, height: 720, timescale: 12_800,
            reorderDelay: 1_024, colour: .init(primaries: 9, transfer: 16, matrix: 9)))
    private static let sound = InitializationSegment.bytes(
        audio: AudioTrack(
            specificConfig: [0x11, 0x90], sampleRate: 48_000, channels: 2, priming: 1_024, bitsPerSecond: 128_000))
    private static let samples = [
        Sample(duration: 512, compositionOffset: 1_024, isSync: true, bytes: [1, 2, 3]),
        Sample(duration: 512, compositionOffset: 2_048, isSync: false, bytes: [4, 5]),
        Sample(duration: 256, isSync: false, bytes: [6]),
    ]

    @Test func `a header of pictures is read as it was written`() throws {
        let header = try MovieHeader(parsing: Self.pictures)
        #expect(header.brands.first == "iso6")
        #expect(header.isFragmented)
        let track = try #require(header.tracks.first)
        #expect(header.tracks.count == 1)
        #expect((track.id, track.handler, track.timescale) == (1, "vide", 12_800))
        #expect((track.width, track.height) == (1280, 720))
        #expect(track.edits.map(\.mediaTime) == [1_024])
        #expect(track.edits.map(\.duration) == [0])
        let entry = try #require(track.entries.first)
        #expect((entry.format, entry.width, entry.height) == ("avc1", 1280, 720))
        #expect(entry.colour.map { [$0.primaries, $0.transfer, $0.matrix] } == [9, 16, 9])
        #expect(entry.pixelAspect?.horizontal == 1)
        #expect(entry.boxes["avcC"]?.prefix(4) == [1, 0x64, 0x00, 0x1f])
        #expect(entry.protection == nil)
    }

    @Test func `a header of sound is read as it was written`() throws {
        let track = try #require(try MovieHeader(parsing: Self.sound).tracks.first)
        #expect((track.handler, track.timescale) == ("soun", 48_000))
        let entry = try #require(track.entries.first)
        #expect((entry.format, entry.channels, entry.sampleRate) == ("mp4a", 2, 48_000))
        #expect(entry.boxes["esds"]?.suffix(3) == [6, 1, 2])
    }

    @Test func `a segment is read as it was written`() throws {
        let bytes = MediaSegment.bytes(sequence: 3, decodeTime: 0x1_0000_0002, samples: Self.samples)
        let layout = try SegmentLayout(parsing: bytes, header: MovieHeader(parsing: Self.pictures))
        #expect(layout.boxes == ["styp", "moof", "mdat"])
        #expect(layout.brands == ["msdh", "msdh", "cmfs", "cmff"])
        #expect(!layout.isCutShort)
        let fragment = try #require(layout.fragments.first)
        #expect(fragment.sequence == 3)
        let part = try #require(fragment.tracks.first)
        #expect((part.trackID, part.decodeTime, part.decodeTimeBits) == (1, 0x1_0000_0002, 64))
        #expect(part.isRelativeToFragment)
        #expect(part.samples.map { $0.range.map { Array(bytes[$0]) } } == [[1, 2, 3], [4, 5], [6]])
        #expect(part.samples.map(\.duration) == [512, 512, 256])
        #expect(part.samples.map(\.compositionOffset) == [1_024, 2_048, 0])
        #expect(part.samples.map(\.isSync) == [true, false, false])
    }

    @Test(arguments: [[true], [true, true, true], [true, false, false], [true, false, true], [false, false]])
    func `samples are read as they were written, however much is said once for all`(keys: [Bool]) throws {
        for (duration, offset) in [(UInt32(512), UInt32(0)), (512, 1_024), (0, 0), (0, 1_024)] {
            let samples = keys.enumerated().map { index, isSync in
                Sample(
                    duration: duration == 0 ? UInt32(index + 1) : duration, compositionOffset: offset, isSync: isSync,
                    bytes: Array(repeating: UInt8(index), count: index + 1))
            }
            let bytes = MediaSegment.bytes(sequence: 1, decodeTime: 7, samples: samples)
            let layout = try SegmentLayout(parsing: bytes, header: MovieHeader(parsing: Self.pictures))
            let read = try #require(layout.fragments.first?.tracks.first).samples.map { sample in
                Sample(
                    duration: sample.duration, compositionOffset: UInt32(sample.compositionOffset),
                    isSync: sample.isSync, bytes: sample.range.map { Array(bytes[$0]) } ?? [])
            }
            #expect(read == samples)
        }
    }

    @Test func `a segment that ends inside its data is cut short`() throws {
        let bytes = MediaSegment.bytes(sequence: 1, decodeTime: 0, samples: Self.samples).dropLast(2)
        let layout = try SegmentLayout(parsing: Array(bytes), header: MovieHeader(parsing: Self.pictures))
        #expect(layout.isCutShort)
        #expect(layout.fragments[0].tracks[0].samples.map { $0.range != nil } == [true, false, false])
    }

    @Test func `a run of more samples than it has bytes for is refused`() throws {
        var bytes = MediaSegment.bytes(sequence: 1, decodeTime: 0, samples: Self.samples)
        let run = try #require(Box.find("moof", "traf", "trun", in: bytes)).payload
        let header = try MovieHeader(parsing: Self.pictures)
        bytes[run.lowerBound + 6] = 1
        #expect(throws: MediaReadError.self) { try SegmentLayout(parsing: bytes, header: header) }
        // Without any field a sample costs no byte: then the number itself is the limit.
        bytes[run.lowerBound + 2] = 0
        bytes[run.lowerBound + 4] = 0xff
        #expect(throws: MediaReadError.self) { try SegmentLayout(parsing: bytes, header: header) }
    }

    @Test func `more boxes in one place than any film has are refused`() {
        let box: [UInt8] = [0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65]
        let many = Array(repeatElement(box, count: 20_000).joined())
        #expect(Box.list(in: many, range: 0..<many.count) == nil)
        #expect(throws: MediaReadError.self) { try MovieHeader(parsing: many) }
    }

    @Test(arguments: [pictures, sound])
    func `every truncation of a header is refused`(header: [UInt8]) {
        for count in header.indices {
            #expect(throws: MediaReadError.self) { try MovieHeader(parsing: Array(header[..<count])) }
        }
    }
}
