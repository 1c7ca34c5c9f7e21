internal import Bytes
internal import Synchronization

/// Roughly how often each key was asked for lately, whether or not it is stored: what decides if a new object goes
/// through probation.
///
/// A count-min sketch of four rows with counters that saturate at 15. Loops note without a lock; the writer halves all
/// counters now and then, so that what was popular last week does not count for ever. An estimate is never too small but
/// for two loops noting the same counter at once, and that costs an object nothing but a place on probation.
final class RequestSketch: @unchecked Sendable {
    // Sendable: the pointer never changes and every counter is atomic.
    private let counters: UnsafeMutablePointer<Atomic<UInt8>>
    private let columnMask: UInt64
    private let notes = Atomic<Int>(0)

    private static let rows = 4
    private static let most: UInt8 = 15

    private static let mostColumns = 1 << 20

    /// Sized so that at most one key in some hundreds is taken for another; 4 MiB at most.
    init(objects: Int) {
        var columns = 1_024
        while columns < min(16 * objects, RequestSketch.mostColumns) { columns *= 2 }
        columnMask = UInt64(columns - 1)
        let count = columns * RequestSketch.rows
        counters = .allocate(capacity: count)
        for index in 0..<count { (counters + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counters.deinitialize(count: (Int(columnMask) + 1) * RequestSketch.rows)
        counters.deallocate()
    }

    /// Somebody asked for the key with this (seeded) hash.
    func note(_ hash: Hash128) {
        notes.wrappingAdd(1, ordering: .relaxed)
        for row in 0..<RequestSketch.rows {
            let counter = index(hash, row)
            let value = counters[counter].load(ordering: .relaxed)
            if value < RequestSketch.most { counters[counter].store(value + 1, ordering: .relaxed) }
        }
    }

    /// How often, at most 15.
    func estimate(_ hash: Hash128) -> Int {
        var least = RequestSketch.most
        for row in 0..<RequestSketch.rows {
            least = min(least, counters[index(hash, row)].load(ordering: .relaxed))
        }
        return Int(least)
    }

    /// Halves every counter once enough was noted that objects which come back after several times what the cache holds
    /// are still known, or that the counters get crowded; the writer thread's.
    func age(objects: Int) {
        let period = min(max(256, 4 * objects), Int(columnMask + 1) / 4)
        guard notes.load(ordering: .relaxed) >= period else { return }
        notes.store(0, ordering: .relaxed)
        for counter in 0..<(Int(columnMask) + 1) * RequestSketch.rows {
            let value = counters[counter].load(ordering: .relaxed)
            if value > 0 { counters[counter].store(value / 2, ordering: .relaxed) }
        }
    }

    private func index(_ hash: Hash128, _ row: Int) -> Int {
        let mixed = hash.low &+ UInt64(row) &* (hash.high | 1)
        return row * (Int(columnMask) + 1) + Int((mixed ^ mixed >> 32) & columnMask)
    }
}
