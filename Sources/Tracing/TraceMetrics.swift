public import Telemetry

/// What is counted of traces.
public enum TraceMetricTable {
    static let spans = MetricDeclaration(
        "weir_trace_spans_total", .counter, unit: "spans",
        help: """
            Spans by what became of them: exported, dropped because the queue was full, refused by the collector, or \
            abandoned because it could not be reached.
            """,
        labels: ["outcome"])
    static let failures = MetricDeclaration(
        "weir_trace_export_failures_total", .counter, unit: "requests",
        help: "Requests to the collector that did not succeed.")
    static let queued = MetricDeclaration(
        "weir_trace_queued_spans", .gauge, unit: "spans", help: "Spans that wait to be exported.")

    /// Everything above, in the order it is shown.
    public static let all: [MetricDeclaration] = [spans, failures, queued]
}
