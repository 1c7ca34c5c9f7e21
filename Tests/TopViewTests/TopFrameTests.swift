import Testing

@testable import TopView

struct TopFrameTests {
    private static func page(_ factor: Int) -> String {
        """
        weir_edge_requests_total{result="hit"} \(900 * factor)
        weir_edge_requests_total{result="miss"} \(100 * factor)
        weir_edge_requests_total{result="pass"} \(1_000 * factor)
        weir_http_server_sent_bytes_total{listener="edge_http"} \(2_097_152 * factor)
        weir_http_server_sent_bytes_total{listener="edge_admin"} \(999_999 * factor)
        weir_http_server_requests_total{listener="edge_http",class="5xx"} \(6 * factor)
        weir_edge_first_byte_seconds_bucket{result="hit",le="0.001"} \(900 * factor)
        weir_edge_first_byte_seconds_bucket{result="hit",le="+Inf"} \(900 * factor)
        weir_edge_origin_requests_total{origin="media"} \(100 * factor)
        weir_edge_origin_servers{origin="media"} 2
        weir_edge_origin_servers_usable{origin="media"} 1
        weir_edge_loop_turn_seconds_sum{loop="edge-0"} \(factor)
        weir_store_used_bytes 536870912
        weir_store_capacity_bytes 1073741824
        weir_store_objects 12345
        """
    }

    private func frame(
        keys: [TopSample.Key] = [], width: Int = 110, hasColours: Bool = false, from: Int = 1, to: Int = 2
    ) -> TopFrame {
        TopFrame(
            from: TopSample(page: MetricsPage(Self.page(from)), keys: [], seconds: 100),
            to: TopSample(page: MetricsPage(Self.page(to)), keys: keys, seconds: 102), address: "http://edge:9090",
            width: width, hasColours: hasColours)
    }

    @Test func `rates are what happened between the samples`() {
        let text = frame().lines().joined(separator: "\n")
        #expect(text.contains("requests 1,000/s"))
        #expect(text.contains("hit 90.0 %"))
        #expect(text.contains("out 1.0 MiB/s"))
        #expect(text.contains("errors 3.0/s"))
        #expect(text.contains("hit p50 500 µs"))
        #expect(text.contains("miss p50 -"))
        #expect(text.contains("512.0 MiB of 1.0 GiB, 50.0 %"))
        #expect(text.contains("edge-0 50.0 %"))
        #expect(text.contains("1/2"))
    }

    @Test func `a process that began anew in between shows no negative rates`() {
        let text = frame(from: 2, to: 1).lines().joined(separator: "\n")
        #expect(text.contains("requests 0/s") && !text.contains("-1"))
    }

    @Test func `a stranger's path cannot write to the terminal`() {
        let keys = [TopSample.Key(path: "/a\u{1b}[2J\u{202e}\n/b", share: 0.5, byteShare: 0.25)]
        let lines = frame(keys: keys).lines()
        #expect(lines.allSatisfy { !$0.contains("\u{1b}") && !$0.contains("\n") && !$0.contains("\u{202e}") })
        #expect(lines.last?.hasPrefix("/a?[2J??/b") == true)
        #expect(lines.last?.contains("500") == true && lines.last?.contains("25.0 %") == true)
    }

    @Test(arguments: [60, 80, 94, 110, 200])
    func `no line is wider than the terminal`(_ width: Int) {
        let path = "/" + String(repeating: "long", count: 80)
        let lines = frame(keys: [TopSample.Key(path: path, share: 1, byteShare: 1)], width: width).lines()
        #expect(lines.allSatisfy { $0.count <= width })
        #expect(frame(width: width).lines(height: 5).count == 5)
    }

    @Test func `colours only where they may be, and lines end without one`() {
        let lines = frame(hasColours: true).lines()
        #expect(lines.contains { $0.contains("\u{1b}[") })
        #expect(lines.filter { $0.contains("\u{1b}[") }.allSatisfy { $0.contains("\u{1b}[0m") })
        #expect(frame().lines().allSatisfy { !$0.contains("\u{1b}") })
    }

    @Test(arguments: [
        (0.0, "0"), (0.04, "0"), (0.44, "0.4"), (12, "12"), (999.4, "999"), (1_234, "1,234"), (1_005, "1,005"),
        (56_700, "56.7k"), (8_900_000, "8.9M"),
    ])
    func `counts are read at a glance`(_ value: Double, _ text: String) {
        #expect(Quantities.count(value) == text)
    }

    @Test func `what is counted in whole numbers has no tenths`() {
        #expect([0, 4, 12_345].map(Quantities.whole) == ["0", "4", "12.3k"])
    }

    @Test func `so are bytes and durations`() {
        #expect(Quantities.bytes(0) == "0 B" && Quantities.bytes(1_536) == "1.5 KiB")
        #expect(Quantities.bytes(5e15) == "4.4 PiB")
        #expect(Quantities.duration(nil) == "-" && Quantities.duration(0.000_08) == "80 µs")
        #expect(Quantities.duration(0.0012) == "1.2 ms" && Quantities.duration(0.25) == "250 ms")
        #expect(Quantities.duration(3.4) == "3.4 s")
    }
}
