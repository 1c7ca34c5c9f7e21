internal import Synchronization

/// The part of a process's metrics that one thread alone counts: its additions are plain loads and stores, which cost a
/// fraction of a locked one, and its numbers share no cache line with another thread's.
///
/// Each scrape adds the parts up. A part may be made on any thread and handed over; from then on only one may add to it.
/// The metrics keep the memory of their parts, so parts are valid as long as the registry.
public final class MetricShard: Sendable {
    /// Cells of a block: a page of them.
    static let blockCells = 512

    private struct Blocks: ~Copyable {
        var blocks: [UnsafeMutablePointer<Atomic<UInt64>>] = []
        var used = MetricShard.blockCells

        deinit {
            for block in blocks {
                block.deinitialize(count: MetricShard.blockCells)
                block.deallocate()
            }
        }
    }

    private let blocks = Mutex(Blocks())
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
    }

    /// This thread's part of the counter for these label values.
    public func counter(_ declaration: MetricDeclaration, _ values: String...) -> CounterPart {
        let cells = take(1)
        registry.counter(declaration, values: values).join(MetricCells(cells, of: self))
        return CounterPart(cell: cells)
    }

    /// This thread's part of the histogram of durations for these label values.
    public func histogram(_ declaration: MetricDeclaration, _ values: String...) -> HistogramPart {
        let histogram = registry.histogram(declaration, values: values)
        let count = histogram.bounds.count
        precondition(2 * count + 2 <= Self.blockCells, "\(declaration.name) has too many bounds")
        let cells = take(2 * count + 2)
        for (index, bound) in histogram.bounds.enumerated() {
            cells[count + 2 + index].store(UInt64(clamping: Int64(bound * 1e9)), ordering: .relaxed)
        }
        histogram.join(MetricCells(cells, of: self))
        return HistogramPart(cells: cells, bounds: count)
    }

    /// Cells that stand side by side and are 0.
    private func take(_ count: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        blocks.withLock { blocks in
            if blocks.used + count > Self.blockCells {
                let block = UnsafeMutableRawPointer.allocate(byteCount: Self.blockCells * 8, alignment: 64)
                    .bindMemory(to: Atomic<UInt64>.self, capacity: Self.blockCells)
                for index in 0..<Self.blockCells { (block + index).initialize(to: Atomic(0)) }
                blocks.blocks.append(block)
                blocks.used = 0
            }
            defer { blocks.used += count }
            return blocks.blocks[blocks.blocks.count - 1] + blocks.used
        }
    }
}

/// Cells of a shard, kept by the metric whose part they are.
struct MetricCells: Sendable {
    // Unsafe only in name: the cells are atomic, and `shard` keeps them.
    nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let shard: MetricShard

    init(_ cells: UnsafeMutablePointer<Atomic<UInt64>>, of shard: MetricShard) {
        self.cells = cells
        self.shard = shard
    }

    func value(at index: Int) -> UInt64 { cells[index].load(ordering: .relaxed) }
}

/// One thread's part of a `Counter`.
///
/// Sendable, so that it can be made before its thread runs; only one thread may add to it.
public struct CounterPart: Sendable {
    // Unsafe only in name: the cell is atomic, and the counter keeps it.
    nonisolated(unsafe) let cell: UnsafeMutablePointer<Atomic<UInt64>>

    /// Adds an amount, such as a byte count, which must not be negative.
    public func add(_ amount: Int = 1) {
        cell.pointee.addAlone(UInt64(truncatingIfNeeded: amount))
    }
}

/// One thread's part of a `Histogram` of durations.
///
/// Sendable, so that it can be made before its thread runs; only one thread may add to it.
public struct HistogramPart: Sendable {
    // A cell per bound, one for everything above, the sum in nanoseconds, then the bounds themselves in nanoseconds.
    // Unsafe only in name: the cells are atomic, and the histogram keeps them.
    nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    let bounds: Int

    /// Counts one duration.
    public func observe(nanoseconds: UInt64) {
        let limits = cells + (bounds + 2)
        var index = 0
        while index < bounds, nanoseconds > limits[index].load(ordering: .relaxed) { index += 1 }
        cells[index].addAlone(1)
        cells[bounds + 1].addAlone(nanoseconds)
    }
}

extension Atomic<UInt64> {
    /// Adds without locking the bus, which is right while no other thread adds.
    fileprivate func addAlone(_ amount: UInt64) {
        store(load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}
