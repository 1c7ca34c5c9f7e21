import CMAF
import Testing

/// `av1C` as the ffmpeg program writes it for 640×360: (bytes, codec, chroma, colours).
private let records: [(record: [UInt8], codec: String, chroma: AV1Sequence.Chroma, transfer: Int?)] = [
    // SVT-AV1, BT.709
    (
        [
            0x81, 0x01, 0x0c, 0x00, 0x0a, 0x0e, 0x00, 0x00, 0x00, 0x0c, 0xc4, 0xff, 0x67, 0x00, 0xbe, 0x04, 0x04,
            0x04, 0x04, 0x10,
        ], "av01.0.01M.08", .halfBothWays, 1
    ),
    // libaom, 10 bits of BT.2020 with PQ
    (
        [
            0x81, 0x01, 0x4c, 0x00, 0x0a, 0x0e, 0x00, 0x00, 0x00, 0x0c, 0xc4, 0xff, 0x67, 0x36, 0xbe, 0x54, 0x24,
            0x40, 0x24, 0x10,
        ], "av01.0.01M.10", .halfBothWays, 16
    ),
    // libaom, 4:4:4
    (
        [
            0x81, 0x21, 0x00, 0x00, 0x0a, 0x0b, 0x20, 0x00, 0x00, 0x0c, 0xc4, 0xff, 0x67, 0x36, 0xbe, 0x40, 0x80,
        ], "av01.1.01M.08", .all, nil
    ),
    // libaom, 12 bits of 4:2:2
    (
        [
            0x81, 0x41, 0x68, 0x00, 0x0a, 0x0b, 0x40, 0x00, 0x00, 0x0c, 0xc4, 0xff, 0x67, 0x36, 0xbe, 0x58, 0x88,
        ], "av01.2.01M.12", .halfAcross, nil
    ),
    // libaom, luma alone
    (
        [
            0x81, 0x01, 0x1c, 0x00, 0x0a, 0x0b, 0x00, 0x00, 0x00, 0x0c, 0xc4, 0xff, 0x67, 0x36, 0xbe, 0x4a, 0x80,
        ], "av01.0.01M.08", .halfBothWays, nil
    ),
    // libaom, a still picture with the short header
    (
        [0x81, 0x01, 0x0c, 0x00, 0x0a, 0x07, 0x18, 0x66, 0x27, 0xfb, 0x3b, 0x40, 0x10], "av01.0.01M.08",
        .halfBothWays, nil
    ),
]

@Suite struct AV1Tests {
    @Test(arguments: records)
    func `a record is read, and written again from the sequence header in it`(
        record: [UInt8], codec: String, chroma: AV1Sequence.Chroma, transfer: Int?
    ) throws {
        let read = try #require(AV1Configuration(record: record))
        let sequence = try #require(read.sequence)
        #expect(read.codecString == codec)
        #expect((sequence.width, sequence.height) == (640, 360))
        #expect(sequence.chroma == chroma)
        #expect(sequence.colour?.transfer == transfer)
        #expect(AV1Configuration(header: [0x12, 0x00] + record[4...]) == read)
    }

    @Test func `the encoder's header becomes a track that is read as what it is`() throws {
        let configuration = try #require(AV1Configuration(header: Array(records[0].record[4...])))
        let header = InitializationSegment.bytes(
            video: VideoTrack(
                configuration: .av1(configuration), width: 640, height: 360, timescale: 15_360, reorderDelay: 0,
                colour: .init(primaries: 1, transfer: 1, matrix: 1)))
        let entry = try #require(try MovieHeader(parsing: header).tracks.first?.entries.first)
        #expect(entry.format == "av01" && entry.boxes["av1C"] == records[0].record)
    }

    @Test func `any cut record is read as far as it goes, and a header without a sequence is none`() {
        for (record, _, _, _) in records {
            for length in record.indices {
                let cut = AV1Configuration(record: Array(record[..<length]))
                #expect((cut != nil) == (length >= 4))
                #expect(cut?.sequence == nil)
            }
        }
        #expect(AV1Configuration(header: []) == nil)
        #expect(AV1Configuration(header: [0x12, 0x00]) == nil)
        #expect(AV1Configuration(record: [0x01, 0x01, 0x0c, 0x00]) == nil)
    }

    @Test func `a sample holds neither delimiters nor padding, and all else as it was`() {
        let sequence = Array(records[0].record[4...])
        let frame: [UInt8] = [0x32, 0x02, 0x10, 0xaa]
        let extended: [UInt8] = [0x36, 0x08, 0x82, 0x00, 0x30, 0xbb]
        #expect(
            AV1Unit.sample(from: [0x12, 0x00] + sequence + frame + [0x7a, 0x01, 0x80] + extended)
                == sequence + frame + extended)
        #expect(AV1Unit.sample(from: []).isEmpty)
    }

    @Test(
        arguments: [
            ([0x32, 0x02, 0x10, 0xaa], true), ([0x32, 0x02, 0x30, 0xaa], false), ([0x32, 0x02, 0x00, 0xaa], false),
            ([0x1a, 0x01, 0x90], false), ([0x12, 0x00], false), ([0x32], false),
        ] as [([UInt8], Bool)])
    func `a key frame that is shown is told from one that is not, and from any other`(
        sample: [UInt8], isKey: Bool
    ) throws {
        let configuration = try #require(AV1Configuration(record: records[0].record))
        #expect(configuration.beginsWithKeyFrame(sample[...]) == isKey)
    }

    @Test func `sizes that do not fit end the list`() {
        let list = { (bytes: [UInt8]) in AV1Unit.list(in: bytes[...]) }
        #expect(list([0x32, 0x05, 0x10]).isEmpty)
        #expect(list([0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]).isEmpty)
        #expect(list([0x30, 0x10, 0xaa]).map(\.payload) == [[0x10, 0xaa]])
        #expect(list([UInt8](repeating: 0x12, count: 5_000)).count <= 1_024)
    }
}
