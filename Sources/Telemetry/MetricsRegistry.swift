internal import Synchronization

/// Every metric of a process.
///
/// Look a metric up once and keep it; counting then needs no registry.
///
/// A declaration shows on `/metrics` as soon as it is declared or used. One metric keeps at most `seriesLimit` combinations of
/// label values; further ones are counted together under the value `other`.
public final class MetricsRegistry: Sendable {
    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case reading(@Sendable () -> Double)
    }

    private struct Family {
        var declaration: MetricDeclaration
        var series: [[String]: Instrument] = [:]
    }

    private struct State {
        var families: [Family] = []
        var positions: [String: Int] = [:]
    }

    /// Combinations of label values kept per metric.
    public let seriesLimit: Int
    private let state = Mutex(State())

    /// Creates a registry with the tables of the modules in use.
    public init(_ tables: [MetricDeclaration]..., seriesLimit: Int = 512) {
        self.seriesLimit = seriesLimit
        for table in tables { declare(table) }
    }

    /// Adds declarations, in the order they are shown.
    ///
    /// Metrics without labels start at zero at once.
    public func declare(_ table: [MetricDeclaration]) {
        for declaration in table {
            state.withLock { state in
                _ = Self.position(of: declaration, in: &state)
                if declaration.labels.isEmpty { _ = Self.instrument(declaration, [], seriesLimit, in: &state) }
            }
        }
    }

    /// What is declared so far.
    public var declarations: [MetricDeclaration] {
        state.withLock { $0.families.map(\.declaration) }
    }

    /// A part of every metric for one thread, which then counts without locked instructions.
    public func shard() -> MetricShard { MetricShard(self) }

    /// The counter for these label values, in the declaration's order.
    public func counter(_ declaration: MetricDeclaration, _ values: String...) -> Counter {
        counter(declaration, values: values)
    }

    func counter(_ declaration: MetricDeclaration, values: [String]) -> Counter {
        guard case .counter(let counter) = instrument(declaration, values) else {
            preconditionFailure("\(declaration.name) is not a counter")
        }
        return counter
    }

    /// The gauge for these label values, in the declaration's order.
    public func gauge(_ declaration: MetricDeclaration, _ values: String...) -> Gauge {
        guard case .gauge(let gauge) = instrument(declaration, values) else {
            preconditionFailure("\(declaration.name) is not a gauge that is set")
        }
        return gauge
    }

    /// The histogram for these label values, in the declaration's order.
    public func histogram(_ declaration: MetricDeclaration, _ values: String...) -> Histogram {
        histogram(declaration, values: values)
    }

    func histogram(_ declaration: MetricDeclaration, values: [String]) -> Histogram {
        guard case .histogram(let histogram) = instrument(declaration, values) else {
            preconditionFailure("\(declaration.name) is not a histogram")
        }
        return histogram
    }

    /// Reads a gauge or counter at each scrape instead of having it set; `reading` may be called on any thread.
    public func read(
        _ declaration: MetricDeclaration, _ values: String..., reading: @escaping @Sendable () -> Double
    ) {
        if case .histogram = declaration.kind { preconditionFailure("\(declaration.name) is a histogram") }
        precondition(values.count == declaration.labels.count, "\(declaration.name): label values do not match")
        state.withLock { state in
            let position = Self.position(of: declaration, in: &state)
            state.families[position].series[values] = .reading(reading)
        }
    }

    /// Everything in Prometheus' text format 0.0.4 (`text/plain; version=0.0.4; charset=utf-8`).
    public func renderPrometheus() -> [UInt8] {
        let families = state.withLock { $0.families }
        var text = PrometheusText()
        for family in families where !family.series.isEmpty {
            text.begin(family.declaration)
            for (values, instrument) in family.series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                switch instrument {
                case .counter(let counter): text.add(values, counter.value.description)
                case .gauge(let gauge): text.add(values, gauge.value.description)
                case .reading(let reading): text.add(values, PrometheusText.number(reading()))
                case .histogram(let histogram): text.add(values, histogram)
                }
            }
        }
        return text.bytes
    }

    private func instrument(_ declaration: MetricDeclaration, _ values: [String]) -> Instrument {
        precondition(values.count == declaration.labels.count, "\(declaration.name): label values do not match")
        return state.withLock { Self.instrument(declaration, values, seriesLimit, in: &$0) }
    }

    private static func instrument(
        _ declaration: MetricDeclaration, _ values: [String], _ limit: Int, in state: inout State
    ) -> Instrument {
        let position = position(of: declaration, in: &state)
        if let known = state.families[position].series[values] { return known }
        let isFull = state.families[position].series.count >= limit
        let values = isFull ? values.map { _ in "other" } : values
        if let known = state.families[position].series[values] { return known }
        let instrument: Instrument =
            switch declaration.kind {
            case .counter: .counter(Counter())
            case .gauge: .gauge(Gauge())
            case .histogram(let bounds): .histogram(Histogram(bounds: bounds))
            }
        state.families[position].series[values] = instrument
        return instrument
    }

    private static func position(of declaration: MetricDeclaration, in state: inout State) -> Int {
        if let position = state.positions[declaration.name] {
            precondition(
                state.families[position].declaration == declaration,
                "\(declaration.name) is declared twice, differently")
            return position
        }
        state.families.append(Family(declaration: declaration))
        state.positions[declaration.name] = state.families.count - 1
        return state.families.count - 1
    }
}
