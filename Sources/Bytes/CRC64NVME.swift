/// The CRC of NVM Express (polynomial 0x9A6C9329AC4BC9B5, reflected): S3's `x-amz-checksum-crc64nvme`, which its newest SDKs
/// send unasked.
public struct CRC64NVME: Sendable {
    private var state: UInt64 = ~0
    private static let tables = CRCTables<UInt64>(polynomial: 0x9A6C_9329_AC4B_C9B5)

    /// Starts over no bytes.
    public init() {}

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state = CRC64NVME.tables.advance(state, over: bytes)
    }

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The checksum of everything so far; more may follow.
    public var value: UInt64 { ~state }

    /// The checksum of one whole message.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sum = CRC64NVME()
        sum.update(bytes)
        return sum.value
    }
}
