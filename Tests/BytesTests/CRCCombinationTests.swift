import Bytes
import Testing

@Suite struct CRCCombinationTests {
    @Test(arguments: [0, 1, 2, 7, 8, 255, 256, 65_535, 100_000])
    func `the checksum of a whole follows from those of two parts, wherever it is cut`(cut: Int) {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }
        let (first, second) = (Array(bytes[..<cut]), Array(bytes[cut...]))
        let count = UInt64(second.count)
        #expect(
            CRC32.combination.combine(crc32(first), crc32(second), count: count) == crc32(bytes))
        #expect(
            CRC32C.combination.combine(crc32c(first), crc32c(second), count: count) == crc32c(bytes))
        #expect(
            CRC64NVME.combination.combine(crc64(first), crc64(second), count: count) == crc64(bytes))
    }

    @Test func `a part may be longer than any memory, and counts differ beyond 32 bits`() {
        let (first, second) = (crc32c([1]), crc32c([2]))
        let far = CRC32C.combination.combine(first, second, count: 1 << 40)
        #expect(far != CRC32C.combination.combine(first, second, count: 1 << 8))
        // Moving by 2^39 bytes twice is moving by 2^40: zero bytes have a checksum too, which is taken away again.
        let once = CRC32C.combination.combine(first, 0, count: 1 << 39)
        #expect(CRC32C.combination.combine(once, second, count: 1 << 39) == far)
    }

    private func crc64(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { CRC64NVME.checksum($0) } }
    private func crc32(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32.checksum($0) } }
    private func crc32c(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32C.checksum($0) } }
}
