internal import CBytes

/// The CRC of zlib, gzip and PNG (polynomial 0xEDB88320): S3's `x-amz-checksum-crc32`.
public struct CRC32: Sendable {
    private var state: UInt32 = ~0
    private static let tables = CRCTables<UInt32>(polynomial: 0xEDB8_8320)

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
    private static let tables = CRCTables<UInt32>(polynomial: 0x82F6_3B78)
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
