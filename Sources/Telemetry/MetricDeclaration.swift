/// One metric as it is declared, once, in its module's table: what operators read on `/metrics` and in the reference pages.
public struct MetricDeclaration: Sendable, Hashable {
    /// How a metric moves.
    public enum Kind: Sendable, Hashable {
        /// Only grows; its name ends in `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts observations up to each bound (ascending, finite).
        case histogram(bounds: [Double])
    }

    /// The name on the wire: `weir_` + part + what + unit, such as `weir_edge_requests_total`.
    public let name: String
    /// How the metric moves.
    public let kind: Kind
    /// The unit: `seconds`, `bytes`, or what is counted.
    public let unit: String
    /// One sentence on what it means.
    public let help: String
    /// Label names; values must come from a small, fixed set, never from URLs.
    public let labels: [String]

    /// Declares a metric.
    ///
    /// Traps on a name Prometheus would refuse: declarations are ours.
    public init(_ name: String, _ kind: Kind, unit: String, help: String, labels: [String] = []) {
        precondition(Self.isName(name), "\(name) is not a metric name")
        precondition(labels.allSatisfy { Self.isName($0) && !$0.hasPrefix("__") && $0 != "le" }, "\(name): bad label")
        switch kind {
        case .counter: precondition(name.hasSuffix("_total"), "the counter \(name) must end in _total")
        case .gauge: break
        case .histogram(let bounds):
            precondition(!bounds.isEmpty && bounds.allSatisfy(\.isFinite), "\(name) needs finite bounds")
            precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "\(name): bounds must ascend")
        }
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.labels = labels
    }

    /// Bounds for request latencies in seconds, from a cache hit to a slow origin.
    public static let latencyBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
