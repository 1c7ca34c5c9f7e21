internal import Synchronization

/// A number that only grows.
///
/// Adding is one relaxed atomic instruction, from any thread; threads that add often have a part of their own (`MetricShard`).
public final class Counter: Sendable {
    private let storage = Atomic<UInt64>(0)
    private let parts = Mutex<[MetricCells]>([])

    init() {}

    /// The sum so far.
    public var value: UInt64 {
        parts.withLock { parts in
            parts.reduce(storage.load(ordering: .relaxed)) { $0 &+ $1.value(at: 0) }
        }
    }

    func join(_ part: MetricCells) {
        parts.withLock { $0.append(part) }
    }

    /// Adds `amount`.
    public func add(_ amount: UInt64 = 1) {
        storage.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds a non-negative amount, such as a byte count.
    public func add(_ amount: Int) {
        add(UInt64(clamping: amount))
    }
}

/// A number that goes up and down, from any thread.
public final class Gauge: Sendable {
    private let storage = Atomic<Int64>(0)

    init() {}

    /// The present value.
    public var value: Int64 { storage.load(ordering: .relaxed) }

    /// Sets the value.
    public func set(_ value: Int64) {
        storage.store(value, ordering: .relaxed)
    }

    /// Changes the value by `amount`.
    public func add(_ amount: Int64) {
        storage.wrappingAdd(amount, ordering: .relaxed)
    }
}

/// A distribution, counted in fixed buckets.
///
/// Observing takes two atomic updates and no lock, from any thread; threads that observe often have a part of their own
/// (`MetricShard`).
public final class Histogram: Sendable {
    /// Upper bounds, inclusive, ascending.
    public let bounds: [Double]
    // One cell per bound and one for everything above. Unsafe only in name: allocated once, freed in deinit, cells are atomic.
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let sumBits = Atomic<UInt64>(0)
    private let parts = Mutex<[MetricCells]>([])

    init(bounds: [Double]) {
        self.bounds = bounds
        cells = .allocate(capacity: bounds.count + 1)
        for index in 0...bounds.count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: bounds.count + 1)
        cells.deallocate()
    }

    /// Counts one observation; not-a-number is ignored.
    public func observe(_ value: Double) {
        if value.isNaN { return }
        var index = 0
        while index < bounds.count && value > bounds[index] { index += 1 }
        cells[index].wrappingAdd(1, ordering: .relaxed)
        var current = sumBits.load(ordering: .relaxed)
        while true {
            let next = (Double(bitPattern: current) + value).bitPattern
            let (isExchanged, original) = sumBits.weakCompareExchange(
                expected: current, desired: next, ordering: .relaxed)
            if isExchanged { return }
            current = original
        }
    }

    /// Counts one duration given in nanoseconds, in seconds.
    public func observe(nanoseconds: UInt64) {
        observe(Double(nanoseconds) / 1_000_000_000)
    }

    /// Observations per bucket (not cumulative; the last is above every bound) and the sum of all values.
    public var snapshot: (counts: [UInt64], sum: Double) {
        let parts = parts.withLock { $0 }
        let counts = (0...bounds.count).map { index in
            parts.reduce(cells[index].load(ordering: .relaxed)) { $0 &+ $1.value(at: index) }
        }
        let nanoseconds = parts.reduce(0 as UInt64) { $0 &+ $1.value(at: bounds.count + 1) }
        return (counts, Double(bitPattern: sumBits.load(ordering: .relaxed)) + Double(nanoseconds) / 1e9)
    }

    func join(_ part: MetricCells) {
        parts.withLock { $0.append(part) }
    }
}
