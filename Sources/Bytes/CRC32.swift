internal import CBytes

/// The CRC of zlib, gzip and PNG (polynomial 0xEDB88320): S3's `x-amz-checksum-crc32`.
public struct CRC32: Sendable {
    private var state: UInt32 = ~0
    private static let tables = CRCTables(polynomial: 0xEDB8_8320)

    /// Starts over no bytes.
    public init() {}

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state = CRC32.tables.advance(state, over: bytes)
    }

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The checksum of everything so far; more may follow.
    public var value: UInt32 { ~state }

    /// The checksum of one whole message.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32()
        sum.update(bytes)
        return sum.value
    }
}

/// The Castagnoli CRC (polynomial 0x82F63B78): what the segment store keeps per chunk and S3 calls
/// `x-amz-checksum-crc32c`.
///
/// With SSE 4.2 it runs at memory speed.
public struct CRC32C: Sendable {
    private var state: UInt32 = ~0
    private static let tables = CRCTables(polynomial: 0x82F6_3B78)
    private static let hasInstruction = weir_has_sse42() != 0

    /// Starts over no bytes.
    public init() {}

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if CRC32C.hasInstruction {
            guard let base = bytes.baseAddress else { return }
            state = weir_crc32c_sse42(state, base, bytes.count)
        } else {
            updatePortably(bytes)
        }
    }

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// What `update` does on a CPU without the instruction; public so that a test on any machine compares the two.
    public mutating func updatePortably(_ bytes: UnsafeRawBufferPointer) {
        state = CRC32C.tables.advance(state, over: bytes)
    }

    /// The checksum of everything so far; more may follow.
    public var value: UInt32 { ~state }

    /// The checksum of one whole message.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        sum.update(bytes)
        return sum.value
    }
}

/// Eight tables of 256 entries for a reflected 32-bit CRC: "slicing by eight", eight bytes per step.
struct CRCTables: Sendable {
    private let entries: [UInt32]

    init(polynomial: UInt32) {
        var entries = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 {
                value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1
            }
            entries[index] = value
        }
        for index in 256..<8 * 256 {
            let previous = entries[index - 256]
            entries[index] = previous >> 8 ^ entries[Int(previous & 255)]
        }
        self.entries = entries
    }

    func advance(_ state: UInt32, over bytes: UnsafeRawBufferPointer) -> UInt32 {
        entries.withUnsafeBufferPointer { table in
            var state = state
            var offset = 0
            while bytes.count - offset >= 8 {
                let low = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) ^ state
                let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                state = table[7 * 256 + Int(low & 255)] ^ table[6 * 256 + Int(low >> 8 & 255)]
                state ^= table[5 * 256 + Int(low >> 16 & 255)] ^ table[4 * 256 + Int(low >> 24)]
                state ^= table[3 * 256 + Int(high & 255)] ^ table[2 * 256 + Int(high >> 8 & 255)]
                state ^= table[256 + Int(high >> 16 & 255)] ^ table[Int(high >> 24)]
                offset += 8
            }
            while offset < bytes.count {
                state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[offset])]
                offset += 1
            }
            return state
        }
    }
}
