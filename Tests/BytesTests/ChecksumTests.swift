import Bytes
import Testing

struct ChecksumTests {
    private let digits = Array("123456789".utf8)

    @Test func `CRC32 of the check string`() {
        #expect(digits.withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
        #expect(CRC32().value == 0)
    }

    @Test func `CRC32C of the check string, by instruction and by table`() {
        #expect(digits.withUnsafeBytes { CRC32C.checksum($0) } == 0xE306_9283)
        var portable = CRC32C()
        digits.withUnsafeBytes { portable.updatePortably($0) }
        #expect(portable.value == 0xE306_9283)
    }

    @Test func `CRC32C has the vectors of RFC 3720`() {
        let ascending = (0..<32).map { UInt8($0) }
        #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes { CRC32C.checksum($0) } == 0x8A91_36AA)
        #expect([UInt8](repeating: 0xff, count: 32).withUnsafeBytes { CRC32C.checksum($0) } == 0x62A8_AB43)
        #expect(ascending.withUnsafeBytes { CRC32C.checksum($0) } == 0x46DD_794E)
    }

    @Test func `CRC64NVME of the check string and of NVM Express's vectors`() {
        func sum(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { CRC64NVME.checksum($0) } }
        #expect(sum(digits) == 0xAE8B_1486_0A79_9888)
        #expect(CRC64NVME().value == 0)
        #expect(sum([UInt8](repeating: 0, count: 4_096)) == 0x6482_D367_EB22_B64E)
        #expect(sum([UInt8](repeating: 0xff, count: 4_096)) == 0xC0DD_BA73_02EC_A3AC)
        #expect(sum((0..<4_096).map { UInt8(truncatingIfNeeded: $0) }) == 0x3E72_9F5F_6750_449C)
    }

    @Test func `pieces of any size add up to the whole`() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
        let whole = bytes.withUnsafeBytes { (CRC32.checksum($0), CRC32C.checksum($0), CRC64NVME.checksum($0)) }
        for size in [1, 3, 7, 8, 9, 64, 333] {
            var plain = CRC32()
            var castagnoli = CRC32C()
            var portable = CRC32C()
            var long = CRC64NVME()
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                plain.update(piece)
                castagnoli.update(piece)
                long.update(piece)
                piece.withUnsafeBytes { portable.updatePortably($0) }
            }
            #expect(plain.value == whole.0)
            #expect(castagnoli.value == whole.1)
            #expect(portable.value == whole.1)
            #expect(long.value == whole.2)
        }
    }

    @Test(arguments: [
        (0, "a3817f04ba25a8e66df67214c7550293"),
        (1, "da87c1d86b99af44347659119b22fc45"),
        (2, "8177228da4a45dc7fca38bdef60affe4"),
        (8, "3b62a9ba6258f5610f83e264f31497b4"),
        (15, "5493e99933b0a8117e08ec0f97cfc3d9"),
        (63, "5150d1772f50834a503e069a973fbd7c"),
    ])
    func `SipHash has the reference vectors`(length: Int, expected: String) {
        let hasher = SipHash128(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        let hash = hasher.hash((0..<length).map { UInt8($0) })
        #expect(Hex.encode(hash.bytes) == expected)
    }

    @Test func `SipHash depends on its key`() {
        let message = Array("/media/1".utf8)
        #expect(SipHash128(key: (1, 2)).hash(message) != SipHash128(key: (1, 3)).hash(message))
    }
}
