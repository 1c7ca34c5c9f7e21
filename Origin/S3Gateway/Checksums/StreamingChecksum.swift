internal import Bytes
internal import Crypto

/// One checksum over bytes that stream by.
///
/// One task at a time uses it.
struct StreamingChecksum {
    private enum State {
        case crc32(CRC32)
        case crc32c(CRC32C)
        case crc64nvme(CRC64NVME)
        case digest(StreamingDigest)
    }

    let algorithm: ChecksumAlgorithm
    private var state: State

    init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        state =
            switch algorithm {
            case .crc32: .crc32(CRC32())
            case .crc32c: .crc32c(CRC32C())
            case .crc64nvme: .crc64nvme(CRC64NVME())
            case .sha1: .digest(StreamingDigest(.sha1))
            case .sha256: .digest(StreamingDigest(.sha256))
            }
    }

    mutating func update(_ bytes: [UInt8]) {
        switch state {
        case .crc32(var sum):
            sum.update(bytes)
            state = .crc32(sum)
        case .crc32c(var sum):
            sum.update(bytes)
            state = .crc32c(sum)
        case .crc64nvme(var sum):
            sum.update(bytes)
            state = .crc64nvme(sum)
        case .digest(let digest): digest.update(bytes)
        }
    }

    /// The checksum as its header carries it before base64; numbers are big-endian.
    func finish() -> [UInt8] {
        switch state {
        case .crc32(let sum): Self.bytes(sum.value)
        case .crc32c(let sum): Self.bytes(sum.value)
        case .crc64nvme(let sum): Self.bytes(sum.value)
        case .digest(let digest): digest.finish()
        }
    }

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
