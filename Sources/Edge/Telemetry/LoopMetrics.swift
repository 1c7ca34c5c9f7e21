import EventLoop
import HTTPServer
import Telemetry
import Tracing

/// What is counted of requests, by result and by behavior, and of the loops.
extension EdgeMetricTable {
    static let requests = MetricDeclaration(
        "weir_edge_requests_total", .counter, unit: "requests", help: "Responses finished, by what the cache did.",
        labels: ["result"])
    static let behaviorRequests = MetricDeclaration(
        "weir_edge_behavior_requests_total", .counter, unit: "requests",
        help: "Responses finished, by distribution, behavior (its path pattern, or default) and what the cache did.",
        labels: ["distribution", "behavior", "result"])
    static let responseBytes = MetricDeclaration(
        "weir_edge_response_bytes_total", .counter, unit: "bytes", help: "Body bytes sent to clients.",
        labels: ["result"])
    static let firstByte = MetricDeclaration(
        "weir_edge_first_byte_seconds", .histogram(bounds: latencyBounds), unit: "seconds",
        help: "From the complete request head until the first bytes of the response were handed to the kernel.",
        labels: ["result"])
    static let duration = MetricDeclaration(
        "weir_edge_request_duration_seconds", .histogram(bounds: latencyBounds), unit: "seconds",
        help: "From the complete request head to the last byte handed to the kernel, by what the cache did.",
        labels: ["result"])
    static let loopTurns = MetricDeclaration(
        "weir_edge_loop_turn_seconds", .histogram(bounds: latencyBounds), unit: "seconds",
        help: """
            How long each turn of a loop took, which is how long what came meanwhile had to wait. The sum is the time \
            the loop was busy.
            """,
        labels: ["loop"])

    static let ofLoops: [MetricDeclaration] = [
        requests, behaviorRequests, responseBytes, firstByte, duration, loopTurns,
    ]

    /// A hit takes some dozens of microseconds, so the bounds begin lower than a server's in general.
    private static let latencyBounds = [0.000_05, 0.000_1, 0.000_25] + MetricDeclaration.latencyBounds
}

/// One loop's part of what is counted for every request: some plain additions, no locked instruction. Loop-confined.
final class LoopMetrics {
    private let shard: MetricShard
    let access: AccessCounters
    private let results: [PerResult]
    private var behaviors: [(distribution: String, name: String)] = []
    /// For each behavior one of each result, made when it has its first response of the kind.
    private var behaviorRequests: [CounterPart?] = []

    private struct PerResult {
        let bytes: CounterPart
        let firstByte: HistogramPart
        let duration: HistogramPart
    }

    init(_ metrics: EdgeMetrics) {
        let shard = metrics.registry.shard()
        self.shard = shard
        access = AccessCounters(shard)
        results = CacheResult.allCases.map { result in
            let label = "\(result.label)"
            return PerResult(
                bytes: shard.counter(EdgeMetricTable.responseBytes, label),
                firstByte: shard.histogram(EdgeMetricTable.firstByte, label),
                duration: shard.histogram(EdgeMetricTable.duration, label))
        }
    }

    /// The `Exchange.scope` of requests for a behavior. The same for the same names, so a reload changes no number that
    /// an exchange under way has.
    func scope(distribution: String, behavior: String) -> UInt32 {
        if let known = behaviors.firstIndex(where: { $0.distribution == distribution && $0.name == behavior }) {
            return UInt32(known + 1)
        }
        behaviors.append((distribution, behavior))
        behaviorRequests.append(contentsOf: repeatElement(nil, count: results.count))
        return UInt32(behaviors.count)
    }

    /// The scope of each route of a snapshot, at its place.
    func scopes(of snapshot: EdgeSnapshot) -> [UInt32] {
        snapshot.routeNames.map { scope(distribution: $0.distribution, behavior: $0.behavior) }
    }

    /// What a scope stands for; `nil` for requests that no behavior has answered.
    func behavior(of scope: UInt32) -> (distribution: String, name: String)? {
        guard scope > 0, scope <= behaviors.count else { return nil }
        return behaviors[Int(scope) - 1]
    }

    func finishedOnLoop(_ result: CacheResult, scope: UInt32, _ outcome: ExchangeOutcome) {
        let position = Int(result.rawValue)
        let parts = results[position]
        parts.bytes.add(outcome.bodyBytes)
        parts.duration.observe(nanoseconds: outcome.nanoseconds)
        if outcome.status != 0 { parts.firstByte.observe(nanoseconds: outcome.firstByteNanoseconds) }
        guard scope > 0, scope <= behaviors.count else { return }
        let place = (Int(scope) - 1) * results.count + position
        if let counter = behaviorRequests[place] { counter.add() } else { countFirst(result, scope: scope, at: place) }
    }

    /// What a span of the request says beside HTTP's conventions.
    func attributes(of exchange: Exchange) -> [Span.Attribute] {
        let result = CacheResult(rawValue: exchange.tag) ?? .none
        var attributes = [Span.Attribute("weir.cache", .text("\(result.label)"))]
        if let (distribution, behavior) = behavior(of: exchange.scope) {
            attributes.append(Span.Attribute("weir.distribution", .text(distribution)))
            attributes.append(Span.Attribute("weir.behavior", .text(behavior)))
        }
        return attributes
    }

    private func countFirst(_ result: CacheResult, scope: UInt32, at place: Int) {
        let (distribution, name) = behaviors[Int(scope) - 1]
        let counter = shard.counter(EdgeMetricTable.behaviorRequests, distribution, name, "\(result.label)")
        counter.add()
        behaviorRequests[place] = counter
    }
}

extension EdgeMetrics {
    /// Lets each scrape count requests by result: as many as their durations.
    func exportRequests() {
        for result in CacheResult.allCases {
            let label = "\(result.label)"
            let duration = registry.histogram(EdgeMetricTable.duration, label)
            registry.read(EdgeMetricTable.requests, label) { Double(duration.snapshot.counts.reduce(0, +)) }
        }
    }

    /// Measures the turns of `loop` from the next one on.
    func watch(_ loop: EventLoop) {
        let turns = registry.shard().histogram(EdgeMetricTable.loopTurns, loop.name)
        loop.submit { loop.observeTurnsOnLoop { turns.observe(nanoseconds: $0) } }
    }
}
