/// A hash of cache keys that costs a few instructions for eight bytes, for tables in which a collision does no harm.
///
/// Differs from process to process, and is the same for all loops of one.
struct KeyHash {
    private let seed: UInt64
    private let multiplier: UInt64

    init(random: UInt64) {
        seed = random
        multiplier = random | 1
    }

    func callAsFunction(_ key: UnsafeRawBufferPointer) -> Int {
        var state = seed ^ UInt64(key.count)
        var place = 0
        while key.count - place >= 8 {
            mix(key.loadUnaligned(fromByteOffset: place, as: UInt64.self), into: &state)
            place += 8
        }
        var rest: UInt64 = 0
        while place < key.count {
            rest = rest << 8 | UInt64(key[place])
            place += 1
        }
        mix(rest, into: &state)
        return Int(truncatingIfNeeded: state)
    }

    private func mix(_ word: UInt64, into state: inout UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: multiplier)
        state = product.high ^ product.low
    }
}
