import Testing

@testable import TopView

struct MetricsPageTests {
    @Test func `series are found by name and labels`() {
        let page = MetricsPage(
            #"""
            # HELP weir_a_total Things.
            # TYPE weir_a_total counter
            weir_a_total{result="hit",x="1"} 3
            weir_a_total{result="hit",x="2"} 4
            weir_a_total{result="miss",x="1"} 2.5
            weir_b 7 1395066363000
            weir_c_bucket{le="0.5"} 1
            weir_c_bucket{le="+Inf"} 4
            """#)
        #expect(page.sum("weir_a_total") == 9.5)
        #expect(page.sum("weir_a_total", ["result": "hit"]) == 7)
        #expect(page.sum("weir_a_total", ["result": "hit", "x": "2"]) == 4)
        #expect(page.sums("weir_a_total", by: "result") == ["hit": 7, "miss": 2.5])
        #expect(page.sum("weir_b") == 7)
        #expect(page.buckets("weir_c") == [0.5: 1, .infinity: 4])
        #expect(page.has("weir_b") && !page.has("weir_d"))
        #expect(page.sum("weir_d") == 0)
    }

    @Test func `label values may hold what ends other things`() {
        let page = MetricsPage(#"weir_a{behavior="/a b/*,x=\"1\"}\\ {",result="hit"} 1"#)
        #expect(page.sum("weir_a", ["behavior": #"/a b/*,x="1"}\ {"#, "result": "hit"]) == 1)
    }

    @Test(arguments: [
        "", "weir_a", "weir_a x", "weir_a{", "weir_a{b", "weir_a{b=1} 2", #"weir_a{b="1 2"#, "{} 1", "\n\n",
    ])
    func `lines that are none are left out`(_ line: String) {
        #expect(!MetricsPage(line).has("weir_a"))
    }
}

struct QuantileTests {
    private static let counts: [(bound: Double, count: Double)] = [(0.1, 50), (0.2, 90), (.infinity, 100)]

    @Test func `quantiles are interpolated within their bucket`() {
        #expect(Quantile.of(0.5, Self.counts) == 0.1)
        #expect(abs((Quantile.of(0.25, Self.counts) ?? 0) - 0.05) < 1e-9)
        #expect(abs((Quantile.of(0.7, Self.counts) ?? 0) - 0.15) < 1e-9)
    }

    @Test func `above every bound the last one is all that is known`() {
        #expect(Quantile.of(0.99, Self.counts) == 0.2)
    }

    @Test func `nothing observed has no quantile`() {
        #expect(Quantile.of(0.5, []) == nil)
        #expect(Quantile.of(0.5, [(1, 0), (.infinity, 0)]) == nil)
    }
}
