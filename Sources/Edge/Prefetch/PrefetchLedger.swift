import Synchronization
import Telemetry

/// Which prefetched objects nobody has asked for yet, for all loops: a fixed table of hashes, without a lock, because
/// every request for a segment looks into it.
///
/// A slot is taken over by the next object with the same place; what is then still unasked for counts as wasted.
final class PrefetchLedger: @unchecked Sendable {
    // Sendable because the slots are atomic and the pointers never change.

    /// By which all loops know the objects.
    let hash = KeyHash(random: .random(in: 0 ... .max))
    private static let slots = 16_384
    private let hashes: UnsafeMutablePointer<Atomic<Int>>
    private let sizes: UnsafeMutablePointer<Atomic<Int>>
    private let objects: Counter
    private let bytes: Counter
    private let used: Counter
    private let wasted: Counter

    init(_ registry: MetricsRegistry) {
        hashes = .allocate(capacity: Self.slots)
        sizes = .allocate(capacity: Self.slots)
        for slot in 0..<Self.slots {
            (hashes + slot).initialize(to: Atomic(0))
            (sizes + slot).initialize(to: Atomic(0))
        }
        objects = registry.counter(EdgeMetricTable.prefetchedObjects)
        bytes = registry.counter(EdgeMetricTable.prefetchedBytes)
        used = registry.counter(EdgeMetricTable.prefetchedUsed)
        wasted = registry.counter(EdgeMetricTable.prefetchedWasted)
        registry.read(EdgeMetricTable.prefetchHitRatio) { [objects, used] in
            objects.value == 0 ? 0 : Double(used.value) / Double(objects.value)
        }
    }

    deinit {
        hashes.deinitialize(count: Self.slots)
        hashes.deallocate()
        sizes.deinitialize(count: Self.slots)
        sizes.deallocate()
    }

    /// An object was fetched ahead.
    func stored(_ hash: Int, bytes count: Int) {
        objects.add()
        bytes.add(count)
        let slot = Self.slot(of: hash)
        let before = hashes[slot].exchange(hash, ordering: .relaxed)
        let size = sizes[slot].exchange(count, ordering: .relaxed)
        if before != 0 { wasted.add(size) }
    }

    /// An object is asked for, prefetched or not.
    func asked(_ hash: Int) {
        let slot = Self.slot(of: hash)
        guard hashes[slot].load(ordering: .relaxed) == hash else { return }
        if hashes[slot].compareExchange(expected: hash, desired: 0, ordering: .relaxed).exchanged { used.add() }
    }

    private static func slot(of hash: Int) -> Int { hash & (slots - 1) }
}
