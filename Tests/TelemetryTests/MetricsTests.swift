import Telemetry
import Testing

struct MetricsTests {
    private static let requests = MetricDeclaration(
        "weir_test_requests_total", .counter, unit: "requests", help: "Requests by \\ status.\nSecond line.",
        labels: ["status"])
    private static let open = MetricDeclaration("weir_test_open", .gauge, unit: "connections", help: "Open.")
    private static let time = MetricDeclaration(
        "weir_test_seconds", .histogram(bounds: [0.1, 1, 2.5]), unit: "seconds", help: "Time.", labels: ["host"])

    private func text(_ registry: MetricsRegistry) -> String {
        String(decoding: registry.renderPrometheus(), as: UTF8.self)
    }

    @Test func `counters and gauges are rendered with help, type and sorted series`() {
        let registry = MetricsRegistry([Self.requests, Self.open])
        registry.counter(Self.requests, "500").add()
        registry.counter(Self.requests, "200").add(41)
        registry.counter(Self.requests, "200").add()
        registry.gauge(Self.open).add(3)
        registry.gauge(Self.open).add(-5)
        let expected = """
            # HELP weir_test_requests_total Requests by \\\\ status.\\nSecond line.
            # TYPE weir_test_requests_total counter
            weir_test_requests_total{status="200"} 42
            weir_test_requests_total{status="500"} 1
            # HELP weir_test_open Open.
            # TYPE weir_test_open gauge
            weir_test_open -2

            """
        #expect(text(registry) == expected)
    }

    @Test func `a histogram is rendered cumulative, with bounds inclusive, sum and count`() {
        let registry = MetricsRegistry()
        let histogram = registry.histogram(Self.time, "a\"b\\c\nd")
        for value in [0.1, 0.25, 1, 2, 100] { histogram.observe(value) }
        histogram.observe(.nan)
        let expected = #"""
            # HELP weir_test_seconds Time.
            # TYPE weir_test_seconds histogram
            weir_test_seconds_bucket{host="a\"b\\c\nd",le="0.1"} 1
            weir_test_seconds_bucket{host="a\"b\\c\nd",le="1"} 3
            weir_test_seconds_bucket{host="a\"b\\c\nd",le="2.5"} 4
            weir_test_seconds_bucket{host="a\"b\\c\nd",le="+Inf"} 5
            weir_test_seconds_sum{host="a\"b\\c\nd"} 103.35
            weir_test_seconds_count{host="a\"b\\c\nd"} 5

            """#
        #expect(text(registry) == expected)
    }

    @Test func `a declared metric without labels shows zero before its first use`() {
        #expect(text(MetricsRegistry([Self.open])).hasSuffix("weir_test_open 0\n"))
        #expect(text(MetricsRegistry([Self.requests])) == "")
    }

    @Test func `a reading is taken at the scrape`() {
        let registry = MetricsRegistry()
        registry.read(Self.open) { 2.5 }
        #expect(text(registry).hasSuffix("weir_test_open 2.5\n"))
    }

    @Test func `too many label values are counted together instead of filling memory`() {
        let registry = MetricsRegistry([Self.requests], seriesLimit: 3)
        for status in 100..<200 { registry.counter(Self.requests, "\(status)").add() }
        let lines = text(registry).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 4)
        #expect(lines.contains("weir_test_requests_total{status=\"other\"} 97"))
        #expect(registry.counter(Self.requests, "100").value == 1)
    }

    @Test func `counts from many threads add up`() async {
        let registry = MetricsRegistry([Self.requests])
        let histogram = registry.histogram(Self.time, "h")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        registry.counter(Self.requests, "200").add()
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(registry.counter(Self.requests, "200").value == 8_000)
        #expect(histogram.snapshot.counts == [0, 8_000, 0, 0])
        #expect(histogram.snapshot.sum == 4_000)
    }
}

struct MetricShardTests {
    private static let requests = MetricDeclaration(
        "weir_test_requests_total", .counter, unit: "requests", help: "Requests.", labels: ["status"])
    private static let time = MetricDeclaration(
        "weir_test_seconds", .histogram(bounds: [0.001, 0.01, 1]), unit: "seconds", help: "Time.")

    @Test func `parts and what is counted without them add up`() {
        let registry = MetricsRegistry([Self.requests, Self.time])
        let (first, second) = (registry.shard(), registry.shard())
        first.counter(Self.requests, "200").add(3)
        second.counter(Self.requests, "200").add()
        second.counter(Self.requests, "500").add()
        registry.counter(Self.requests, "200").add(10)
        #expect(registry.counter(Self.requests, "200").value == 14)
        #expect(registry.counter(Self.requests, "500").value == 1)
    }

    @Test func `a part of a histogram has the same inclusive bounds`() {
        let registry = MetricsRegistry([Self.time])
        let part = registry.shard().histogram(Self.time)
        for nanoseconds: UInt64 in [0, 1_000_000, 1_000_001, 10_000_000, 1_000_000_000, 1_000_000_001, .max / 4] {
            part.observe(nanoseconds: nanoseconds)
        }
        registry.histogram(Self.time).observe(0.5)
        #expect(registry.histogram(Self.time).snapshot.counts == [2, 2, 2, 2])
        #expect(registry.histogram(Self.time).snapshot.sum > 4e9)
    }

    @Test func `threads with parts of their own lose nothing while somebody reads`() async {
        let registry = MetricsRegistry([Self.requests, Self.time])
        let parts = (0..<8).map { _ in
            let shard = registry.shard()
            return (shard.counter(Self.requests, "200"), shard.histogram(Self.time))
        }
        await withTaskGroup(of: Void.self) { group in
            for (counter, histogram) in parts {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.add(2)
                        histogram.observe(nanoseconds: 500_000)
                    }
                }
            }
            group.addTask {
                for _ in 0..<100 { _ = registry.renderPrometheus() }
            }
        }
        #expect(registry.counter(Self.requests, "200").value == 160_000)
        #expect(registry.histogram(Self.time).snapshot.counts == [80_000, 0, 0, 0])
        #expect(abs(registry.histogram(Self.time).snapshot.sum - 40) < 1e-6)
    }

    @Test func `more metrics than fit a block of memory are counted all the same`() {
        let registry = MetricsRegistry([Self.requests], seriesLimit: 2_000)
        let shard = registry.shard()
        let parts = (0..<1_500).map { shard.counter(Self.requests, "\($0)") }
        for (index, part) in parts.enumerated() { part.add(index) }
        #expect((0..<1_500).allSatisfy { registry.counter(Self.requests, "\($0)").value == UInt64($0) })
    }
}

struct RequestIDTests {
    @Test func `made ids are 32 hex digits and differ`() {
        var generator = RequestIDGenerator()
        let ids = (0..<1_000).map { _ in RequestID(using: &generator).description }
        #expect(Set(ids).count == 1_000)
        #expect(ids.allSatisfy { $0.utf8.count == 32 && $0.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) } })
        #expect(RequestID.random() != RequestID.random())
    }

    @Test func `sane incoming ids are kept, others refused`() {
        #expect(RequestID(incoming: "a.B-9_".utf8)?.description == "a.B-9_")
        #expect(RequestID(incoming: [UInt8](repeating: 0x61, count: 64)) != nil)
        for bad in ["", "a b", "a\nb", "é", "\"", String(repeating: "a", count: 65)] {
            #expect(RequestID(incoming: bad.utf8) == nil)
        }
    }
}
