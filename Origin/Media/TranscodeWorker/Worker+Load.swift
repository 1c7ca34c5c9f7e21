internal import EventLoop
internal import Synchronization
internal import Telemetry

/// The number of units side by side, as the load asks for.
extension Worker {
    /// Measures the machine every ten seconds and follows `PoolSize` until cancelled.
    func followLoad(within bounds: ClosedRange<Int>, on loop: EventLoop) async {
        let policy = PoolSize(bounds: bounds)
        var last = Machine.processorTicks
        while (try? await loop.sleep(for: .seconds(10))) != nil {
            guard let now = Machine.processorTicks, let before = last, now.all > before.all else { continue }
            last = now
            let processor = Double(now.busy - min(before.busy, now.busy)) / Double(now.all - before.all)
            metrics.processor(processor)
            let (running, slots) = load
            let size = policy.next(
                after: slots,
                .init(
                    running: running, processor: processor, backlogSeconds: metrics.backlogSeconds,
                    pace: pace.withLock { $0.pace(of: .pictures) } ?? 1))
            if size != slots {
                resize(to: size)
                log.info("pool resized", ["units": .count(size), "processor": .number(processor)])
            }
        }
    }
}
