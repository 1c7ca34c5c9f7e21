import CMAF
import Testing

/// A header as libx264 writes it: a sequence and a picture parameter set behind start codes.
let annexBHeader: [UInt8] =
    [0, 0, 0, 1, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0, 0, 1, 0x68, 0xeb, 0xe3, 0xcb]

private func number(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
}

@Suite struct AnnexBTests {
    @Test func `units lie between start codes of three or four bytes`() {
        #expect(AnnexB.units(in: annexBHeader) == [4..<11, 14..<18])
        #expect(AnnexB.units(in: []) == [])
        #expect(AnnexB.units(in: [0, 0, 1]) == [])
        #expect(AnnexB.units(in: [1, 2, 3]) == [])
    }

    @Test func `a sample holds lengths instead of start codes, and no parameter sets`() {
        let frame: [UInt8] =
            [0, 0, 0, 1, 0x09, 0xf0] + annexBHeader + [0, 0, 1, 0x65, 0xaa, 0xbb, 0, 0, 0, 1, 0x41, 0xcc]
        #expect(AnnexB.sample(from: frame) == [0, 0, 0, 3, 0x65, 0xaa, 0xbb, 0, 0, 0, 2, 0x41, 0xcc])
    }

    @Test func `the codec string states profile, constraints and level`() throws {
        let configuration = try #require(AVCConfiguration(annexB: annexBHeader))
        #expect(configuration.codecString == "avc1.64001f")
        #expect(AVCConfiguration(annexB: [0, 0, 1, 0x68, 1]) == nil)
    }
}

/// Parameter sets as libx265 writes them for 640×360 at 30 frames per second, and `hvcC` of them.
private enum HEVCSets {
    static let video: [UInt8] = [
        0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00,
        0x03, 0x00, 0x3f, 0x95, 0x98, 0x09,
    ]
    static let sequence: [UInt8] = [
        0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3f,
        0xa0, 0x05, 0x02, 0x01, 0x69, 0x65, 0x95, 0x9a, 0x49, 0x32, 0xbc, 0x05, 0xa8, 0x30, 0x30, 0x30, 0x20, 0x00,
        0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x03, 0x03, 0xc1,
    ]
    static let picture: [UInt8] = [0x44, 0x01, 0xc1, 0x72, 0xb4, 0x22, 0x40]
    static let annexB: [UInt8] = [0, 0, 0, 1] + video + [0, 0, 0, 1] + sequence + [0, 0, 0, 1] + picture
    static let record: [UInt8] =
        [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 63, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, 3]
        + [0xa0, 0, 1, 0, UInt8(video.count)] + video + [0xa1, 0, 1, 0, UInt8(sequence.count)] + sequence
        + [0xa2, 0, 1, 0, UInt8(picture.count)] + picture
}

@Suite struct HEVCConfigurationTests {
    @Test func `the encoder's header becomes a track that is read as what it is`() throws {
        let configuration = try #require(HEVCConfiguration(annexB: HEVCSets.annexB))
        #expect(configuration.codecString == "hvc1.1.6.L63.90")
        #expect(configuration.reorderFrames == 2)
        let header = InitializationSegment.bytes(
            video: VideoTrack(
                configuration: .hevc(configuration), width: 640, height: 360, timescale: 15_360, reorderDelay: 1024,
                colour: .init(primaries: 1, transfer: 1, matrix: 1)))
        let entry = try #require(try MovieHeader(parsing: header).tracks.first?.entries.first)
        #expect(entry.format == "hvc1" && entry.boxes["hvcC"] == HEVCSets.record)
        let record = try #require(HEVCRecord(HEVCSets.record))
        #expect(record.profile.codec(format: "hvc1") == configuration.codecString)
        #expect(record.lengthBytes == 4 && !record.hasInformation)
        #expect(record.sequence?.width == 640 && record.sequence?.height == 360 && record.sequence?.bitDepth == 8)
    }

    @Test func `one set of each kind is needed, and any cut record is read as far as it goes`() {
        let sets = [HEVCSets.video, HEVCSets.sequence, HEVCSets.picture].map { [0, 0, 0, 1] + $0 }
        for index in sets.indices {
            let others = sets.indices.filter { $0 != index }.flatMap { sets[$0] }
            #expect(HEVCConfiguration(annexB: others) == nil)
            #expect(HEVCConfiguration(annexB: others + sets[index] + sets[index]) == nil)
        }
        #expect(HEVCConfiguration(annexB: []) == nil)
        for length in HEVCSets.record.indices {
            let record = HEVCRecord(Array(HEVCSets.record[..<length]))
            #expect((record != nil) == (length >= 23))
            #expect((record?.sequence != nil) == (length >= 33 + HEVCSets.video.count + HEVCSets.sequence.count))
        }
    }

    @Test func `a sample holds neither parameter sets nor delimiters`() {
        let frame: [UInt8] =
            [0, 0, 0, 1, 0x46, 0x01, 0x10] + HEVCSets.annexB + [0, 0, 1, 0x26, 0x01, 0xaa, 0, 0, 1, 0x02, 0x01, 0xbb]
        #expect(AnnexB.sample(from: frame, as: .hevc) == [0, 0, 0, 3, 0x26, 0x01, 0xaa, 0, 0, 0, 3, 0x02, 0x01, 0xbb])
    }
}

@Suite struct InitializationSegmentTests {
    private let video = VideoTrack(
        configuration: .avc(AVCConfiguration(annexB: annexBHeader)!), width: 1280, height: 720, timescale: 12_800,
        reorderDelay: 1024,
        colour: .init(primaries: 1, transfer: 1, matrix: 1))
    private let audio = AudioTrack(
        specificConfig: [0x11, 0x90], sampleRate: 48_000, channels: 2, priming: 1024, bitsPerSecond: 128_000)

    @Test func `pictures: size, timescale and parameter sets stand where players look`() throws {
        let bytes = InitializationSegment.bytes(video: video)
        #expect(Box.list(in: bytes, range: 0..<bytes.count)?.map(\.type) == ["ftyp", "moov"])
        let header = try #require(Box.find("moov", "trak", "tkhd", in: bytes)).payload
        #expect(number(bytes, header.upperBound - 8..<header.upperBound - 6) == 1280)
        #expect(number(bytes, header.upperBound - 4..<header.upperBound - 2) == 720)
        let media = try #require(Box.find("moov", "trak", "mdia", "mdhd", in: bytes)).payload
        #expect(number(bytes, media.lowerBound + 12..<media.lowerBound + 16) == 12_800)
        let table = try #require(Box.find("moov", "trak", "mdia", "minf", "stbl", "stsd", in: bytes)).payload
        let entry = try #require(Box.list(in: bytes, range: table.lowerBound + 8..<table.upperBound)?.first)
        #expect(entry.type == "avc1")
        let boxes = try #require(Box.list(in: bytes, range: entry.payload.lowerBound + 78..<entry.payload.upperBound))
        #expect(boxes.map(\.type) == ["avcC", "colr", "pasp"])
        #expect(Array(bytes[boxes[0].payload].prefix(8)) == [1, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0, 7])
    }

    @Test func `one edit skips the reorder delay, or the priming of sound`() throws {
        for (bytes, start) in [
            (InitializationSegment.bytes(video: video), 1024), (InitializationSegment.bytes(audio: audio), 1024),
        ] {
            let edits = try #require(Box.find("moov", "trak", "edts", "elst", in: bytes)).payload
            #expect(number(bytes, edits.lowerBound + 4..<edits.lowerBound + 8) == 1)
            #expect(number(bytes, edits.lowerBound + 8..<edits.lowerBound + 12) == 0)
            #expect(number(bytes, edits.lowerBound + 12..<edits.lowerBound + 16) == UInt64(start))
        }
    }

    @Test func `sound: the decoder's configuration is in the stream descriptor`() throws {
        let bytes = InitializationSegment.bytes(audio: audio)
        let table = try #require(Box.find("moov", "trak", "mdia", "minf", "stbl", "stsd", in: bytes)).payload
        let entry = try #require(Box.list(in: bytes, range: table.lowerBound + 8..<table.upperBound)?.first)
        #expect(entry.type == "mp4a")
        let boxes = try #require(Box.list(in: bytes, range: entry.payload.lowerBound + 28..<entry.payload.upperBound))
        #expect(boxes.map(\.type) == ["esds"])
        let descriptor = Array(bytes[boxes[0].payload])
        #expect(descriptor.suffix(7) == [0x05, 2, 0x11, 0x90, 0x06, 1, 0x02])
        #expect(audio.codecString == "mp4a.40.2")
    }
}

@Suite struct MediaSegmentTests {
    private let samples = [
        Sample(duration: 512, compositionOffset: 1024, isSync: true, bytes: [1, 2, 3]),
        Sample(duration: 512, compositionOffset: 2048, isSync: false, bytes: [4, 5]),
        Sample(duration: 256, isSync: false, bytes: [6]),
    ]

    @Test func `the run's offset points at the first sample`() throws {
        let bytes = MediaSegment.bytes(sequence: 3, decodeTime: 0x1_0000_0002, samples: samples)
        let boxes = try #require(Box.list(in: bytes, range: 0..<bytes.count))
        #expect(boxes.map(\.type) == ["styp", "moof", "mdat"])
        let run = try #require(Box.find("moof", "traf", "trun", in: bytes)).payload
        let offset = Int(number(bytes, run.lowerBound + 8..<run.lowerBound + 12))
        #expect(boxes[1].range.lowerBound + offset == boxes[2].payload.lowerBound)
        #expect(Array(bytes[boxes[2].payload]) == [1, 2, 3, 4, 5, 6])
    }

    /// The 32-bit fields of a box in a segment of `samples`, from its version and flags on.
    private func fields(_ box: String, of samples: [Sample]) throws -> [UInt64] {
        let bytes = MediaSegment.bytes(sequence: 3, decodeTime: 0x1_0000_0002, samples: samples)
        let payload = try #require(Box.find("moof", "traf", box, in: bytes)).payload
        let fields = stride(from: payload.lowerBound, to: payload.upperBound, by: 4).map { number(bytes, $0..<$0 + 4) }
        // Where the data is, is another test's business.
        return box == "trun" ? Array(fields.prefix(2) + fields.dropFirst(3)) : fields
    }

    @Test func `a segment says its number and when it is decoded`() throws {
        let bytes = MediaSegment.bytes(sequence: 3, decodeTime: 0x1_0000_0002, samples: samples)
        let time = try #require(Box.find("moof", "traf", "tfdt", in: bytes)).payload
        #expect(number(bytes, time.lowerBound + 4..<time.lowerBound + 12) == 0x1_0000_0002)
        let header = try #require(Box.find("moof", "mfhd", in: bytes)).payload
        #expect(number(bytes, header.lowerBound + 4..<header.upperBound) == 3)
    }

    @Test func `where only the first sample is a sync sample, nothing is said twice of flags`() throws {
        #expect(try fields("tfhd", of: samples) == [0x02_0020, 1, 0x0101_0000])
        #expect(
            try fields("trun", of: samples)
                == [0x0100_0b05, 3, 0x0200_0000] + [512, 3, 1024] + [512, 2, 2048] + [256, 1, 0])
    }

    @Test func `of sound only the sizes stand in the run`() throws {
        let sound = [3, 2, 4].map { Sample(duration: 1024, isSync: true, bytes: Array(repeating: 0, count: $0)) }
        #expect(try fields("tfhd", of: sound) == [0x02_0028, 1, 1024, 0x0200_0000])
        #expect(try fields("trun", of: sound) == [0x0100_0201, 3, 3, 2, 4])
        // The film's last frame may be shorter.
        let end = sound + [Sample(duration: 400, isSync: true, bytes: [1])]
        #expect(try fields("tfhd", of: end) == [0x02_0020, 1, 0x0200_0000])
        #expect(try fields("trun", of: end) == [0x0100_0301, 4] + [1024, 3] + [1024, 2] + [1024, 4] + [400, 1])
    }

    @Test func `where sync samples stand between others, each sample has its flags`() throws {
        let key = Sample(duration: 9, isSync: true, bytes: [1])
        let samples = [key, Sample(duration: 9, isSync: false, bytes: []), key]
        #expect(try fields("tfhd", of: samples) == [0x02_0008, 1, 9])
        #expect(
            try fields("trun", of: samples)
                == [0x0100_0601, 3] + [1, 0x0200_0000] + [0, 0x0101_0000] + [1, 0x0200_0000])
    }

    @Test func `a sample alone needs no flags of its own`() throws {
        let key = Sample(duration: 512, compositionOffset: 7, isSync: true, bytes: [1, 2])
        #expect(try fields("tfhd", of: [key]) == [0x02_0028, 1, 512, 0x0200_0000])
        #expect(try fields("trun", of: [key]) == [0x0100_0a01, 1, 2, 7])
    }
}

@Suite struct BoxTests {
    @Test(
        arguments: [
            [0, 0, 0], [0, 0, 0, 7, 0x61, 0x61, 0x61, 0x61], [0, 0, 0, 9, 0x61, 0x61, 0x61, 0x61],
            [0, 0, 0, 1, 0x61, 0x61, 0x61, 0x61, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 1, 0x61, 0x61, 0x61, 0x61],
        ] as [[UInt8]])
    func `a size that does not fit is refused`(bytes: [UInt8]) {
        #expect(Box.list(in: bytes, range: 0..<bytes.count) == nil)
    }

    @Test func `a size of zero reaches to the end`() {
        let bytes: [UInt8] = [0, 0, 0, 0, 0x6d, 0x64, 0x61, 0x74, 1, 2]
        #expect(Box.list(in: bytes, range: 0..<10) == [Box(type: "mdat", range: 0..<10, payload: 8..<10)])
    }

    @Test func `every truncation of a segment is read or refused`() {
        let bytes = MediaSegment.bytes(
            sequence: 1, decodeTime: 0, samples: [Sample(duration: 1, isSync: true, bytes: [1, 2, 3])])
        for count in bytes.indices {
            let prefix = Array(bytes[..<count])
            #expect(Box.list(in: prefix, range: 0..<count)?.count ?? 0 < 3)
        }
    }
}

@Suite struct AVCAccessUnitTests {
    private func picture(_ units: [UInt8]..., lengthBytes: Int = 4) throws -> AVCAccessUnit {
        let bytes = units.flatMap { unit in
            (0..<lengthBytes).map { UInt8(truncatingIfNeeded: unit.count >> (8 * (lengthBytes - 1 - $0))) } + unit
        }
        return try AVCAccessUnit(bytes, lengthBytes: lengthBytes)
    }

    /// Slices of an IDR that refer to picture parameter set 0: first_mb_in_slice 0 and 7, slice_type 7.
    private static let first: [UInt8] = [0x65, 0x88, 0x84, 1]
    private static let second: [UInt8] = [0x65, 0x08, 0x08, 0x80, 2]

    @Test(arguments: [1, 2, 4]) func `a picture keeps its slices behind lengths of four bytes`(lengthBytes: Int) throws
    {
        let picture = try picture(Self.first, Self.second, lengthBytes: lengthBytes)
        #expect(picture.isIDR)
        let sample = try picture.sample(referringTo: 0, as: 0)
        #expect(sample == [0, 0, 0, 4] + Self.first + [0, 0, 0, 5] + Self.second)
        #expect(try !self.picture([0x41, 0x9a]).isIDR)
    }

    @Test func `delimiters, filler, captions and parameter sets are left out; the sets are told`() throws {
        let sets = AVCConfiguration(annexB: annexBHeader)!.sets[0]
        let captions: [UInt8] = [0x06, 0x05, 1, 7, 4, 3, 0xb5, 0, 0x31, 0x80]
        let other: [UInt8] = [0x06, 0x05, 1, 7, 0x80]
        let picture = try picture(
            [0x09, 0xf0], sets.sequence, sets.picture, sets.picture, captions, other, Self.first, [0x0c, 0xff])
        let sample = try picture.sample(referringTo: 0, as: 0)
        #expect(sample == [0, 0, 0, 5] + other + [0, 0, 0, 4] + Self.first)
        #expect(picture.sequenceSets == [sets.sequence] && picture.pictureSets == [sets.picture])
    }

    @Test func `slices refer to another number, and nothing behind it moves within a byte`() throws {
        let buffering: [UInt8] = [0x06, 0, 1, 0xff, 0x80]
        let message: [UInt8] = [0x06, 0x05, 1, 7, 0x80]
        let coded = try picture(buffering, message, Self.first, Self.second)
        // 1 | 0001000 | 1 becomes 1 | 0001000 | 000010000; 0001000 | 0001000 | 1 is a bit longer.
        let sample = try coded.sample(referringTo: 0, as: 15)
        let expected: [UInt8] =
            [0, 0, 0, 5] + message + [
                0, 0, 0, 5, 0x65, 0x88, 0x08, 0x04, 1, 0, 0, 0, 6, 0x65, 0x08, 0x08, 0x08, 0x00, 2,
            ]
        #expect(sample.prefix(18) == expected.prefix(18))
        let again = try AVCAccessUnit(sample, lengthBytes: 4)
        #expect(try again.sample(referringTo: 15, as: 15) == sample)
        #expect(throws: AVCAccessUnit.Obstacle.parameterSets) { try again.sample(referringTo: 0, as: 0) }
        #expect(throws: AVCAccessUnit.Obstacle.parameterSets) { try coded.sample(referringTo: 0, as: 1) }
        #expect(throws: AVCAccessUnit.Obstacle.parameterSets) { try coded.sample(referringTo: 3, as: 3) }
        #expect(throws: AVCAccessUnit.Obstacle.parameterSets) {
            try picture([0x65, 0x80]).sample(referringTo: 0, as: 0)
        }
    }

    @Test func `zeros that a new number brings do not look like a start code`() throws {
        // The number ends in the middle of a byte of zeros: 1 | 00110 | 1 0000000 00000001 …
        let coded = try picture([0x65, 0x9a, 0x00, 0x01, 0x80])
        let sample = try coded.sample(referringTo: 0, as: 16)
        #expect(try AVCAccessUnit(sample, lengthBytes: 4).sample(referringTo: 16, as: 16) == sample)
        #expect(AnnexB.units(in: Array(sample[4...])).isEmpty)
    }

    @Test func `what is no whole picture, or belongs to another header, is not taken`() throws {
        #expect(throws: AVCAccessUnit.Obstacle.broken) { try picture() }
        #expect(throws: AVCAccessUnit.Obstacle.broken) { try picture([0x09, 0xf0]) }
        #expect(throws: AVCAccessUnit.Obstacle.broken) { try picture([]) }
        #expect(throws: AVCAccessUnit.Obstacle.broken) { try picture([0xe5, 0x88]) }
        #expect(throws: AVCAccessUnit.Obstacle.broken) {
            try AVCAccessUnit([0, 0, 0, 9, 0x65, 0x88], lengthBytes: 4)
        }
        #expect(throws: AVCAccessUnit.Obstacle.notWhole) { try picture([0x65, 0x08]) }
        #expect(throws: AVCAccessUnit.Obstacle.notWhole) { try picture([0x65, 0x88], [0x65, 0x88]) }
        #expect(throws: AVCAccessUnit.Obstacle.notWhole) { try picture([0x65, 0x88], [0x41, 0x08]) }
        #expect(throws: AVCAccessUnit.Obstacle.kind(2)) { try picture([0x42, 0x88]) }
    }

    @Test func `a record holds exactly one set of each kind`() throws {
        let configuration = AVCConfiguration(annexB: annexBHeader)!
        let (sequence, set) = (configuration.sets[0].sequence, configuration.sets[0].picture)
        let start: [UInt8] = [1, 0x64, 0, 0x1f, 0xff]
        let sets: [UInt8] = [0, UInt8(sequence.count)] + sequence
        let record = start + [0xe1] + sets + [1, 0, UInt8(set.count)] + set
        #expect(AVCConfiguration(record: record) == configuration)
        #expect(AVCConfiguration(record: record + [0xfd, 0xf8, 0xf8, 0]) == configuration)
        for length in record.indices { #expect(AVCConfiguration(record: Array(record[..<length])) == nil) }
        #expect(AVCConfiguration(record: start + [0xe2] + sets + sets + [1, 0, UInt8(set.count)] + set) == nil)
        #expect(AVCConfiguration(record: start + [0xe0, 1, 0, UInt8(set.count)] + set) == nil)
    }
}
