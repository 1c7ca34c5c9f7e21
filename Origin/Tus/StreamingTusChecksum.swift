internal import Bytes
internal import Crypto
internal import TusWire

/// A checksum over the bytes of one request. One task at a time uses it.
struct StreamingTusChecksum {
    private enum State {
        case crc32(CRC32)
        case digest(StreamingDigest)
    }

    private let expected: [UInt8]
    private var state: State

    init(_ checksum: UploadChecksum) {
        expected = checksum.bytes
        state =
            switch checksum.algorithm {
            case .sha1: .digest(StreamingDigest(.sha1))
            case .sha256: .digest(StreamingDigest(.sha256))
            case .md5: .digest(StreamingDigest(.md5))
            case .crc32: .crc32(CRC32())
            }
    }

    mutating func update(_ bytes: [UInt8]) {
        switch state {
        case .crc32(var sum):
            sum.update(bytes)
            state = .crc32(sum)
        case .digest(let digest): digest.update(bytes)
        }
    }

    /// Whether the bytes were those that were announced.
    func holds() -> Bool {
        switch state {
        case .crc32(let sum): withUnsafeBytes(of: sum.value.bigEndian) { $0.elementsEqual(expected) }
        case .digest(let digest): digest.finish() == expected
        }
    }
}
