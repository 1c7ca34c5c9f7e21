/// What happened between two samples, in the terms an operator thinks in.
struct TopRates {
    struct Result {
        let name: String
        let rate: Double
        let share: Double
    }

    struct Latency {
        /// Seconds; `nil` when nothing was observed.
        let median, p95, p99: Double?
    }

    struct Origin {
        let name: String
        let rate, failures: Double
        let latency: Latency
        let servers, usable: Int
    }

    struct Loop {
        let name: String
        /// 0…1
        let busy: Double
    }

    private let old, new: MetricsPage
    private let elapsed: Double
    private static let viewers = ["edge_http", "edge_https"]
    private static let fromCache: Set<String> = ["hit", "stale", "revalidating", "refresh"]
    private static let cacheable = fromCache.union(["miss", "collapsed"])

    init(from old: TopSample, to new: TopSample) {
        (self.old, self.new) = (old.page, new.page)
        elapsed = max(new.seconds - old.seconds, 0.001)
    }

    var requests: Double { rate("weir_edge_requests_total") }
    var bytesOut: Double { Self.viewers.reduce(0) { $0 + rate("weir_http_server_sent_bytes_total", ["listener": $1]) } }
    var bytesIn: Double {
        Self.viewers.reduce(0) { $0 + rate("weir_http_server_received_bytes_total", ["listener": $1]) }
    }
    var bytesFromOrigins: Double { rate("weir_http_client_received_bytes_total") }
    var errors: Double {
        Self.viewers.reduce(0) { $0 + rate("weir_http_server_requests_total", ["listener": $1, "class": "5xx"]) }
    }
    var denials: Double { rate("weir_edge_denials_total") }

    /// Of what the cache could have answered; `nil` when there was nothing of it.
    var hitRatio: Double? {
        let rates = rates("weir_edge_requests_total", by: "result")
        let all = rates.filter { Self.cacheable.contains($0.key) }.values.reduce(0, +)
        return all > 0 ? rates.filter { Self.fromCache.contains($0.key) }.values.reduce(0, +) / all : nil
    }

    /// Those that occurred, the most frequent first.
    var results: [Result] {
        let all = requests
        return rates("weir_edge_requests_total", by: "result").filter { $0.value > 0 }
            .map { Result(name: $0.key, rate: $0.value, share: $0.value / all) }
            .sorted { ($1.rate, $0.name) < ($0.rate, $1.name) }
    }

    var origins: [Origin] {
        let rates = rates("weir_edge_origin_requests_total", by: "origin")
        let failures = self.rates("weir_edge_origin_failures_total", by: "origin")
        return new.sums("weir_edge_origin_servers", by: "origin").map { name, servers in
            Origin(
                name: name, rate: rates[name] ?? 0, failures: failures[name] ?? 0,
                latency: latency("weir_edge_origin_first_byte_seconds", ["origin": name]), servers: Int(servers),
                usable: Int(new.sum("weir_edge_origin_servers_usable", ["origin": name])))
        }.sorted { ($1.rate, $0.name) < ($0.rate, $1.name) }
    }

    var loops: [Loop] {
        rates("weir_edge_loop_turn_seconds_sum", by: "loop").map { Loop(name: $0.key, busy: min(1, $0.value)) }
            .sorted { $0.name < $1.name }
    }

    func firstByte(of result: String) -> Latency { latency("weir_edge_first_byte_seconds", ["result": result]) }
    var turns: Latency { latency("weir_edge_loop_turn_seconds", [:]) }

    func rate(_ name: String, _ labels: [String: String] = [:]) -> Double {
        max(0, new.sum(name, labels) - old.sum(name, labels)) / elapsed
    }

    func gauge(_ name: String, _ labels: [String: String] = [:]) -> Double { new.sum(name, labels) }

    private func rates(_ name: String, by label: String) -> [String: Double] {
        let before = old.sums(name, by: label)
        // A counter that went back belongs to another process.
        return Dictionary(
            uniqueKeysWithValues: new.sums(name, by: label).map {
                ($0.key, max(0, $0.value - (before[$0.key] ?? 0)) / elapsed)
            })
    }

    private func latency(_ name: String, _ labels: [String: String]) -> Latency {
        let before = old.buckets(name, labels)
        let counts = new.buckets(name, labels).map { (bound: $0.key, count: max(0, $0.value - (before[$0.key] ?? 0))) }
            .sorted { $0.bound < $1.bound }
        return Latency(
            median: Quantile.of(0.5, counts), p95: Quantile.of(0.95, counts), p99: Quantile.of(0.99, counts))
    }
}

/// Quantiles of what a histogram has counted.
enum Quantile {
    /// Interpolated within its bucket, as Prometheus does; `counts` are cumulative and ascend. `nil` without observations.
    static func of(_ share: Double, _ counts: [(bound: Double, count: Double)]) -> Double? {
        guard let total = counts.last?.count, total > 0 else { return nil }
        let rank = share * total
        var (below, lower) = (0.0, 0.0)
        for (bound, count) in counts {
            if count >= rank {
                if bound.isInfinite { return lower }
                return count > below ? lower + (bound - lower) * (rank - below) / (count - below) : bound
            }
            (below, lower) = (count, bound)
        }
        return lower
    }
}
