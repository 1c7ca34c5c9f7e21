import CMAF
import Testing

@Suite struct ProgressiveMovieTests {
    private static let video = InitializationSegment.bytes(
        video: VideoTrack(
            configuration: .avc(AVCConfiguration(annexB: annexBHeader)!), width: 1280, height: 720, timescale: 12_800,
            reorderDelay: 1024, colour: .init(primaries: 1, transfer: 1, matrix: 1)))
    private static let audio = InitializationSegment.bytes(
        audio: AudioTrack(
            specificConfig: [0x11, 0x90], sampleRate: 48_000, channels: 2, priming: 1024, bitsPerSecond: 128_000))

    private static let segments: [[[UInt8]]] = [
        [
            MediaSegment.bytes(
                sequence: 1, decodeTime: 0,
                samples: [
                    Sample(duration: 512, compositionOffset: 1024, isSync: true, bytes: [1, 2, 3]),
                    Sample(duration: 512, compositionOffset: 2048, isSync: false, bytes: [4, 5]),
                ]),
            MediaSegment.bytes(
                sequence: 2, decodeTime: 1024,
                samples: [Sample(duration: 256, compositionOffset: 1024, isSync: true, bytes: [6])]),
        ],
        [
            MediaSegment.bytes(
                sequence: 1, decodeTime: 0, samples: [Sample(duration: 1024, isSync: true, bytes: [7, 8])]),
            MediaSegment.bytes(
                sequence: 2, decodeTime: 1024, samples: [Sample(duration: 1024, isSync: true, bytes: [9])]),
        ],
    ]

    private static func tracks() throws -> [SampleTables] {
        try [video, audio].enumerated().map { index, initialization in
            var track = try SampleTables(initialization: initialization)
            for segment in segments[index] {
                #expect(try track.add(segmentStartingWith: segment, of: segment.count))
            }
            return track
        }
    }

    /// The whole file as a downloader gets it.
    private func file() throws -> [UInt8] {
        let movie = ProgressiveMovie(tracks: try Self.tracks())
        return movie.pieces.reduce(into: movie.header()) { $0 += Self.segments[$1.track][$1.segment][$1.range] }
    }

    /// Big-endian numbers of a table behind `skipping` bytes of its payload.
    private func numbers(
        _ table: String, track: Int, of bytes: [UInt8], width: Int = 4, skipping: Int = 8
    ) throws -> [UInt64] {
        let movie = try #require(Box.find("moov", in: bytes)).payload
        let tracks = try #require(Box.list(in: bytes, range: movie)).filter { $0.type == "trak" }
        let part = Array(bytes[tracks[track].range])
        let box = try #require(Box.find("trak", "mdia", "minf", "stbl", table, in: part)).payload
        return stride(from: box.lowerBound + skipping, to: box.upperBound, by: width).map { place in
            part[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    @Test func `the header is in front and the samples follow, what is played together lying together`() throws {
        let bytes = try file()
        #expect(Box.list(in: bytes, range: 0..<bytes.count)?.map(\.type) == ["ftyp", "moov", "mdat"])
        let data = try #require(Box.find("mdat", in: bytes)).payload
        #expect(Array(bytes[data]) == [1, 2, 3, 4, 5, 7, 8, 6, 9])
    }

    @Test func `every chunk is where its table says`() throws {
        let bytes = try file()
        let video = try numbers("co64", track: 0, of: bytes, width: 8).map { bytes[Int($0)] }
        let audio = try numbers("co64", track: 1, of: bytes, width: 8).map { bytes[Int($0)] }
        #expect(video == [1, 6])
        #expect(audio == [7, 9])
        #expect(try numbers("stsc", track: 0, of: bytes) == [1, 2, 1, 2, 1, 1])
        #expect(try numbers("stsc", track: 1, of: bytes) == [1, 1, 1])
    }

    @Test func `sizes, durations, reordering and keyframes are those of the samples`() throws {
        let bytes = try file()
        #expect(try numbers("stsz", track: 0, of: bytes, skipping: 12) == [3, 2, 1])
        #expect(try numbers("stts", track: 0, of: bytes) == [2, 512, 1, 256])
        #expect(try numbers("ctts", track: 0, of: bytes) == [1, 1024, 1, 2048, 1, 1024])
        #expect(try numbers("stss", track: 0, of: bytes) == [1, 3])
        #expect(try numbers("stts", track: 1, of: bytes) == [2, 1024])
    }

    @Test func `tracks keep their descriptions and edits, and say how long they last`() throws {
        let header = try MovieHeader(parsing: try file())
        let fragmented = try [Self.video, Self.audio].map { try MovieHeader(parsing: $0).tracks[0] }
        #expect(header.tracks.map(\.id) == [1, 2])
        #expect(header.tracks.map(\.entries) == fragmented.map(\.entries))
        #expect(header.tracks.map(\.timescale) == [12_800, 48_000])
        #expect(header.tracks.map { $0.edits.map(\.mediaTime) } == [[1024], [1024]])
        #expect(header.tracks.map { $0.edits.map(\.duration) } == [[160], [21]])
        #expect(!header.isFragmented)
    }

    @Test func `the last picture is shown to its end, however much later than decoded`() throws {
        // Decoded from 0 to 1280, presented from 1024, where the edit begins, to 512 + 2048 + 512.
        let bytes = try file()
        let movie = try #require(Box.find("moov", "mvhd", in: bytes)).payload.lowerBound
        #expect(bytes[movie + 16..<movie + 20].elementsEqual([0, 0, 0, 160]))
        #expect(try numbers("stts", track: 0, of: bytes) == [2, 512, 1, 256])
    }

    @Test func `a segment's samples are known from its first bytes, and when these are too few it is said`() throws {
        let segment = Self.segments[0][0]
        let data = try #require(Box.find("mdat", in: segment))
        for count in [0, 4, 20, data.range.lowerBound, data.payload.lowerBound - 1] {
            var track = try SampleTables(initialization: Self.video)
            #expect(try !track.add(segmentStartingWith: Array(segment[..<count]), of: segment.count), "\(count)")
        }
        for count in [data.payload.lowerBound, data.payload.lowerBound + 1, segment.count] {
            var track = try SampleTables(initialization: Self.video)
            #expect(try track.add(segmentStartingWith: Array(segment[..<count]), of: segment.count), "\(count)")
            let ranges = ProgressiveMovie(tracks: [track]).pieces.map(\.range)
            #expect(ranges == [data.payload])
        }
    }

    @Test func `a segment that ends before its samples do is refused`() throws {
        let segment = Self.segments[0][0]
        var track = try SampleTables(initialization: Self.video)
        #expect(throws: MediaReadError.self) {
            try track.add(segmentStartingWith: Array(segment.dropLast()), of: segment.count - 1)
        }
    }

    @Test func `samples that do not lie one behind the other are refused`() throws {
        var track = try SampleTables(initialization: Self.video)
        let segment = Self.segments[0][0]
        let twice =
            segment
            + MediaSegment.bytes(
                sequence: 2, decodeTime: 1024, samples: [Sample(duration: 1, isSync: true, bytes: [1])])
        #expect(throws: MediaReadError.self) { try track.add(segmentStartingWith: twice, of: twice.count) }
    }

    @Test func `what lies beyond four gigabytes is found as well`() throws {
        // Segments that say to be 1 GiB long; only their first bytes are ever looked at.
        let one = Self.segments[0][0]
        let data = try #require(Box.find("mdat", in: one))
        let run = try #require(Box.find("moof", "traf", "trun", in: one)).payload.lowerBound
        var start = Array(one[..<data.payload.lowerBound])
        let (first, rest) = (UInt32(1 << 30), UInt32(2))
        for (value, place) in [(first + rest + 8, data.range.lowerBound), (first, run + 16), (rest, run + 24)] {
            for byte in 0..<4 { start[place + byte] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(byte))) }
        }
        var track = try SampleTables(initialization: Self.video)
        for _ in 0..<6 {
            #expect(try track.add(segmentStartingWith: start, of: data.payload.lowerBound + Int(first + rest)))
        }
        let movie = ProgressiveMovie(tracks: [track])
        let header = movie.header()
        // Of the 6 GiB behind it the header of the last box is enough to read the tables.
        let places = try numbers("co64", track: 0, of: Array(header.dropLast(16)), width: 8)
        #expect(places == (0..<6).map { UInt64(header.count) + $0 * UInt64(first + rest) })
    }
}
