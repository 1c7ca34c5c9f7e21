import CMAF
import Testing

/// Parameter sets as x264 writes them, renumbered and joined.
@Suite struct ParameterSetTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).map { offset in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
        }
    }

    /// High, level 3.1, 1280×720; Main, level 4.0, the same size.
    private static let high = AVCParameterSets(
        sequence: bytes("6764001facd9405005bb0110000003001000000303c0f1831960"), picture: bytes("68ef972c"))!
    private static let main = AVCParameterSets(
        sequence: bytes("674d4028eca02802dd8088000003000800000301e0788c18cb"), picture: bytes("68ef8cb2"))!

    @Test(arguments: [(0, 0), (1, 2), (3, 15), (17, 17), (31, 255)])
    func `sets under other numbers say the same of everything else`(sequence: Int, picture: Int) throws {
        for set in [Self.high, Self.main] {
            #expect(set.numbers == .init(sequence: 0, picture: 0))
            let numbers = AVCParameterSets.Numbers(sequence: sequence, picture: picture)
            let renumbered = try #require(set.numbered(numbers))
            #expect(renumbered.numbers == numbers)
            #expect(renumbered.sequenceFields == set.sequenceFields)
            #expect(renumbered.numbered(.init(sequence: 0, picture: 0)) == set)
            // No start code, and no zero byte at the end.
            #expect(AnnexB.units(in: renumbered.sequence).isEmpty && renumbered.sequence.last != 0)
        }
    }

    @Test func `units that are no parameter sets are none, and sets of different numbers do not belong together`()
        throws
    {
        #expect(AVCParameterSets(sequence: [0x67, 100, 0], picture: [0x68, 1]) == nil)
        #expect(AVCParameterSets(sequence: Self.high.picture, picture: Self.high.picture) == nil)
        #expect(AVCParameterSets(sequence: Self.high.sequence, picture: []) == nil)
        let other = try #require(Self.high.numbered(.init(sequence: 1, picture: 0)))
        let mixed = try #require(AVCParameterSets(sequence: Self.high.sequence, picture: other.picture))
        #expect(mixed.numbers == nil && mixed.numbered(.init(sequence: 2, picture: 2)) == nil)
        #expect(AVCParameterSets(sequence: [0x67, 100, 0, 31], picture: [0x68, 0])?.numbers == nil)
        // Zeros at the end of a number would be taken for what fills the last byte.
        let high = Self.high
        #expect(AVCParameterSets(sequence: high.sequence, picture: [0x68, 0xc0])?.numbers == nil)
        #expect(AVCParameterSets(sequence: [0x67, 100, 0, 31, 0x80], picture: high.picture)?.numbers == nil)
    }

    @Test func `a header of several sets states the highest profile and level, and what all of them promise`() throws {
        let numbered = try #require(Self.main.numbered(.init(sequence: 31, picture: 15)))
        let configuration = try #require(AVCConfiguration([Self.high, numbered]))
        #expect(configuration.codecString == "avc1.640028")
        #expect(AVCConfiguration([]) == nil)
        let track = VideoTrack(
            configuration: .avc(configuration), width: 1280, height: 720, timescale: 12_800, reorderDelay: 0,
            colour: .init(primaries: 1, transfer: 1, matrix: 1))
        let header = try MovieHeader(parsing: InitializationSegment.bytes(video: track))
        let record = try #require(header.tracks.first?.entries.first?.boxes["avcC"])
        let lengths = [Self.high.sequence, numbered.sequence].map { [0, UInt8($0.count)] + $0 }
        #expect(record.prefix(6) == [1, 100, 0, 40, 0xff, 0xe2])
        #expect(Array(record[6...].prefix(lengths[0].count + lengths[1].count)) == lengths[0] + lengths[1])
        #expect(AVCConfiguration(record: record) == nil)
    }
}
