internal import Telemetry

/// The part of a reference page that lists what a process counts.
enum MetricReference {
    /// A Markdown table, one row per metric; empty when nothing is counted.
    static func markdown(_ metrics: [MetricDeclaration]) -> String {
        guard !metrics.isEmpty else { return "" }
        let rows = metrics.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.name)` | \(metric.kind.forPeople) | \(metric.unit) | \(labels) | \(metric.help) |"
        }
        let head = ["", "## Metrics", "", "| name | kind | unit | labels | meaning |", "|---|---|---|---|---|"]
        return (head + rows).joined(separator: "\n") + "\n"
    }
}

extension MetricDeclaration.Kind {
    fileprivate var forPeople: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
