/// 128 bits of hash: enough that two different cache keys never meet in practice.
public struct Hash128: Sendable, Hashable {
    /// Bytes 0 to 7 of the reference output, read little-endian.
    public var low: UInt64
    /// Bytes 8 to 15 of the reference output, read little-endian.
    public var high: UInt64

    /// Takes both halves as they are.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The sixteen bytes in the order of the reference implementation.
    public var bytes: [UInt8] {
        [low, high].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (8 * $0)) } }
    }
}

/// SipHash-2-4 with 128-bit output: a hash that a stranger who does not know the key cannot steer, so a flood of
/// colliding URLs stays linear.
public struct SipHash128: Sendable {
    private let key: (UInt64, UInt64)

    /// The key is a secret of the process, or of the store if hashes are kept on disk.
    public init(key: (UInt64, UInt64)) {
        self.key = key
    }

    /// The hash of `bytes`.
    public func hash(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
        var state = State(key: key)
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            state.absorb(word)
            offset += 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        for index in offset..<bytes.count {
            last |= UInt64(bytes[index]) << UInt64(8 * (index - offset))
        }
        state.absorb(last)
        return state.finish()
    }

    /// The hash of `bytes`.
    public func hash(_ bytes: [UInt8]) -> Hash128 {
        bytes.withUnsafeBytes { hash($0) }
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        init(key: (UInt64, UInt64)) {
            v0 = 0x736f_6d65_7073_6575 ^ key.0
            v1 = 0x646f_7261_6e64_6f6d ^ key.1 ^ 0xee
            v2 = 0x6c79_6765_6e65_7261 ^ key.0
            v3 = 0x7465_6462_7974_6573 ^ key.1
        }

        mutating func round() {
            v0 &+= v1
            v2 &+= v3
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v1
            v0 &+= v3
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 = v2 << 32 | v2 >> 32
        }

        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> Hash128 {
            v2 ^= 0xee
            for _ in 0..<4 { round() }
            let low = v0 ^ v1 ^ v2 ^ v3
            v1 ^= 0xdd
            for _ in 0..<4 { round() }
            return Hash128(high: v0 ^ v1 ^ v2 ^ v3, low: low)
        }
    }
}
