import Telemetry

/// What is counted of limits, by limit and behavior: there are as many as the operator wrote down.
extension EdgeMetricTable {
    static let limitRefusals = MetricDeclaration(
        "weir_edge_limit_refusals_total", .counter, unit: "requests",
        help: "Requests answered 429, by limit, distribution and behavior.",
        labels: ["limit", "distribution", "behavior"])
    static let limitDelays = MetricDeclaration(
        "weir_edge_limit_delays_total", .counter, unit: "responses",
        help: "Responses whose body was held back by a bandwidth limit, by limit, distribution and behavior.",
        labels: ["limit", "distribution", "behavior"])
    static let limitOverflows = MetricDeclaration(
        "weir_edge_limit_overflows_total", .counter, unit: "requests",
        help:
            "Requests for which another client or grant was forgotten, or that were not counted, because more of them "
            + "are active than limits.countedClients has room for.", labels: ["limit", "distribution", "behavior"])

    static let limits: [MetricDeclaration] = [limitRefusals, limitDelays, limitOverflows]
}

/// The counters of one behavior, looked up once.
struct LimitCounters: Sendable {
    // By kind; `nil` for what is not limited, so that it is not shown either.
    private let refusals: [Counter?]
    private let delays: [Counter?]
    private let overflows: [Counter?]

    init(_ rules: BehaviorLimits, behavior: String, in distribution: String, registry: MetricsRegistry) {
        func counters(_ declaration: MetricDeclaration, _ kinds: Set<LimitKind>) -> [Counter?] {
            LimitKind.allCases.map {
                rules.has($0) && kinds.contains($0)
                    ? registry.counter(declaration, $0.rawValue, distribution, behavior) : nil
            }
        }
        refusals = counters(EdgeMetricTable.limitRefusals, LimitKind.refusing)
        delays = counters(EdgeMetricTable.limitDelays, [.bandwidthPerResponse, .bandwidthPerGrant])
        overflows = counters(EdgeMetricTable.limitOverflows, LimitKind.refusing)
    }

    func refused(_ kind: LimitKind) { refusals[kind.index]?.add() }

    func delayed(_ kind: LimitKind) { delays[kind.index]?.add() }

    func overflowed(_ kind: LimitKind) { overflows[kind.index]?.add() }
}
