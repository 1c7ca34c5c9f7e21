import Telemetry

/// What is counted of the control log.
extension EdgeMetricTable {
    static let controlSequence = MetricDeclaration(
        "weir_edge_control_log_sequence", .gauge, unit: "orders",
        help: "The last order of the origin's control log that this edge has carried out.")
    static let controlContact = MetricDeclaration(
        "weir_edge_control_log_contact_seconds", .gauge, unit: "seconds",
        help: "When the origin last answered, in seconds since 1970; 0 before the first time.")
    static let controlOrders = MetricDeclaration(
        "weir_edge_control_log_orders_total", .counter, unit: "orders", help: "Orders carried out since the start.")

    static let controlKeys = MetricDeclaration(
        "weir_edge_control_log_keys", .gauge, unit: "keys",
        help: "Keys of the origin that signatures are verified with; 0 before this edge has learnt any.")

    static let playbackReports = MetricDeclaration(
        "weir_edge_playback_reports_total", .counter, unit: "reports",
        help: """
            Reports to the origin of what was served of videos, by outcome: kept, failed and sent again, or refused and \
            dropped.
            """,
        labels: ["outcome"])
    static let playbackLost = MetricDeclaration(
        "weir_edge_playback_lost_requests_total", .counter, unit: "requests",
        help: "Requests for videos that the origin is not told of, because there was no room or it refused the report.")

    static let control: [MetricDeclaration] = [
        controlSequence, controlContact, controlOrders, controlKeys, playbackReports, playbackLost,
    ]
}

extension EdgeMetrics {
    func controlLogRead(upTo position: LogPosition, entries: Int) {
        registry.gauge(EdgeMetricTable.controlSequence).set(position.sequence)
        registry.counter(EdgeMetricTable.controlOrders).add(entries)
    }

    func playbackReported(_ event: PlaybackReporter.Event) {
        let outcome: String
        switch event {
        case .kept: outcome = "kept"
        case .failed: outcome = "failed"
        case .refused(_, let requests):
            outcome = "refused"
            registry.counter(EdgeMetricTable.playbackLost).add(requests)
        case .lost(let requests): return registry.counter(EdgeMetricTable.playbackLost).add(requests)
        }
        registry.counter(EdgeMetricTable.playbackReports, outcome).add()
    }

    func keysLearnt(_ count: Int) { registry.gauge(EdgeMetricTable.controlKeys).set(Int64(count)) }

    func controlLogInContact(at epochSeconds: Int64) {
        registry.gauge(EdgeMetricTable.controlContact).set(epochSeconds)
    }
}
