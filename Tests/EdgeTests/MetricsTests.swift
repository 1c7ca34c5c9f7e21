import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

/// What `/metrics` says after requests that are known.
@Suite struct EdgeMetricsTests {
    @Test func `requests are counted by distribution, behavior and what the cache did`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            _ = try await world.get("/open/a")
            _ = try await world.get("/open/a")
            let series =
                #"weir_edge_behavior_requests_total{distribution="\#(world.distributionId)",behavior="/open/*""#
            try await world.untilMetrics { page in
                page.contains(#"\#(series),result="miss"} 1"#) && page.contains(#"\#(series),result="hit"} 2"#)
            }
            #expect(try await world.admin("/reload").status == 200)
            _ = try await world.get("/open/a")
            try await world.untilMetrics { $0.contains(#"\#(series),result="hit"} 3"#) }
        }
    }

    @Test func `the time of the first and of the last byte is observed for each result`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            _ = try await world.get("/open/a")
            try await world.untilMetrics { page in
                page.contains(#"weir_edge_first_byte_seconds_count{result="hit"} 1"#)
                    && page.contains(#"weir_edge_request_duration_seconds_count{result="hit"} 1"#)
                    && page.contains(#"weir_edge_first_byte_seconds_count{result="miss"} 1"#)
                    && page.contains(#"weir_edge_requests_total{result="hit"} 1"#)
            }
        }
    }

    @Test func `an origin's answers are counted and timed under its id`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a")
            _ = try await world.get("/open/missing")
            try await world.untilMetrics { page in
                page.contains(#"weir_edge_origin_requests_total{origin="app"} 2"#)
                    && page.contains(#"weir_edge_origin_responses_total{origin="app",class="2xx"} 1"#)
                    && page.contains(#"weir_edge_origin_responses_total{origin="app",class="4xx"} 1"#)
                    && page.contains(#"weir_edge_origin_first_byte_seconds_count{origin="app"} 2"#)
                    && page.contains(#"weir_edge_origin_last_byte_seconds_count{origin="app"} 2"#)
                    && page.contains("weir_edge_fills_total 2")
            }
        }
    }

    @Test func `every loop's turns are observed`() async throws {
        try await withWorld { world in
            _ = try await world.get("/open/missing")
            try await world.untilMetrics { page in
                let counts = page.split(separator: "\n").filter {
                    $0.hasPrefix("weir_edge_loop_turn_seconds_count{") && !$0.hasSuffix(" 0")
                }
                return counts.count == 2
            }
        }
    }
}

extension World {
    /// Of the distribution it serves.
    var distributionId: String { Self.distribution["Id"]?.string ?? "" }

    /// Waits until the metrics are as they should be: a request counts when its loop has seen it off, which may be after its
    /// client has read the last byte.
    func untilMetrics(_ isRight: (String) -> Bool) async throws {
        var page = ""
        let isReached = try await eventually {
            page = try await self.admin("/metrics", method: .get).document.string ?? ""
            return isRight(page)
        }
        #expect(isReached, "\(page)")
    }
}
