import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

/// What a collector and an origin learn of requests to the edge.
@Suite struct EdgeTracingTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `a miss is a span with the origin's request below it, a hit is a span alone`() async throws {
        try await withTracedWorld { world, sink in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a?token=secret", headers: ["traceparent": Self.parent, "tracestate": "a=1"])
            #expect(await eventually { sink.spans.count == 2 })
            let server = try #require(sink.spans.first { $0.document["kind"] == 2 })
            let client = try #require(sink.spans.first { $0.document["kind"] == 3 })
            #expect(server.service == "weir-edge" && server["parentSpanId"] == "b7ad6b7169203331")
            #expect(server.attribute("weir.cache") == "miss" && server.attribute("weir.behavior") == "/open/*")
            #expect(server.attribute("url.path") == "/open/a")
            #expect(client["traceId"] == "0af7651916cd43dd8448eb211c80319c")
            #expect(client["parentSpanId"] == server["spanId"])
            #expect(client.attribute("weir.origin") == "app" && client.attribute("url.path") == "/open/a")
            #expect(client.attribute("http.response.status_code") == "200")
            let asked = try #require(world.origin.requests("/open/a").first)
            #expect(
                asked.headers.values("traceparent")
                    == ["00-0af7651916cd43dd8448eb211c80319c-\(client["spanId"])-01"])
            #expect(asked.headers.values("tracestate") == ["a=1"])

            try await world.untilStored("/open/a?token=secret")
            _ = try await world.get("/open/a?token=secret", headers: ["traceparent": Self.parent])
            #expect(await eventually { sink.spans.count == 3 })
            #expect(sink.spans.last?.attribute("weir.cache") == "hit")
            let isLogged = await eventually {
                world.log.lines.count { $0.contains("\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"") } == 2
            }
            #expect(isLogged)
        }
    }

    @Test func `what passes through carries the edge's span, also where nothing is recorded`() async throws {
        try await withTracedWorld { world, sink in
            world.origin.answer("/page", patterned(10), headers: ["Cache-Control": "no-store"])
            _ = try await world.get("/page", headers: ["traceparent": "malformed", "tracestate": "a=1"])
            let unrecorded = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
            _ = try await world.get("/page", headers: ["traceparent": unrecorded])
            let asked = world.origin.requests("/page").map(\.headers)
            let first = try #require(asked.first.flatMap { TraceContext($0) })
            #expect(!first.isSampled && first.state.isEmpty)
            #expect(first.traceID.high != 0x0af7_6519_16cd_43dd)
            let second = try #require(asked.last.flatMap { TraceContext($0) })
            #expect(second.traceID.high == 0x0af7_6519_16cd_43dd && second.spanID != 0xb7ad_6b71_6920_3331)
            #expect(!second.isSampled)
            #expect(asked.allSatisfy { $0.values("traceparent").count == 1 })
            #expect(sink.spans.isEmpty)
        }
    }

    @Test func `an origin that cannot be reached is a span that failed`() async throws {
        try await withTracedWorld { world, sink in
            await world.origin.stop()
            _ = try await world.get("/open/a", headers: ["traceparent": Self.parent])
            #expect(await eventually { sink.spans.count >= 2 })
            let client = try #require(sink.spans.first { $0.document["kind"] == 3 })
            #expect(client.document["status"]?["code"] == 2)
            #expect(client.attribute("error.type") == "connection")
        }
    }

    @Test func `without a collector the client's trace is passed on as it is`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            for target in ["/open/a", "/page"] {
                _ = try await world.get(target, headers: ["traceparent": Self.parent, "tracestate": "a=1"])
                let asked = try #require(world.origin.requests(target).first)
                #expect(asked.headers.values("traceparent") == [Self.parent])
                #expect(asked.headers.values("tracestate") == ["a=1"])
            }
        }
    }

    @Test func `a client that is not trusted makes neither the edge nor the origin record`() async throws {
        try await withTracedWorld(trustedCallers: []) { world, sink in
            world.origin.answer("/open/a", patterned(10))
            for target in ["/open/a", "/page"] {
                _ = try await world.get(target, headers: ["traceparent": Self.parent, "tracestate": "a=1"])
                let asked = try #require(world.origin.requests(target).first?.headers)
                let context = try #require(TraceContext(asked))
                #expect(context.traceID.high == 0x0af7_6519_16cd_43dd && !context.isSampled)
                #expect(asked.values("tracestate") == ["a=1"])
            }
        } afterwards: { sink in
            #expect(sink.spans.isEmpty)
        }
    }

    @Test func `no secret gets into a span`() async throws {
        let secret = "s3cr3t"
        let query = ["Signature", "Policy", "Key-Pair-Id", "Expires", "token", "access_token", "X-Amz-Signature"]
            .map { "\($0)=\(secret)" }.joined(separator: "&")
        let headers: Headers = [
            "traceparent": Self.parent, "Cookie": "session=\(secret); CloudFront-Signature=\(secret)",
            "Authorization": "Bearer \(secret)", "Proxy-Authorization": "Basic \(secret)",
            "Referer": "https://u:\(secret)@e.test/?\(query)", "User-Agent": secret,
            "CMCD-Session": "sid=\"\(secret)\"",
        ]
        // Denied, filled, passed on, not allowed, malformed, and of an origin that sends somewhere else or fails.
        let targets = ["/media/a", "/open/a", "/page", "/open/moved", "/open/broken", "/nothing%2F"]
        try await withTracedWorld { world, sink in
            world.origin.answer("/open/a", patterned(10))
            world.origin.answer("/open/moved") { _ in
                Response(status: .found, headers: ["Location": "/open/a?token=\(secret)", "Set-Cookie": "a=\(secret)"])
            }
            world.origin.answer("/open/broken") { _ in Response(status: .internalServerError) }
            for target in targets { _ = try await world.get("\(target)?\(query)", headers: headers) }
            let signed = try World.signedTarget("http://127.0.0.1:\(world.edgePort)/media/b", expires: 4_000_000_000)
            _ = try await world.get(signed, headers: ["traceparent": Self.parent])
            _ = try await world.play("/media/c", headers: ["traceparent": Self.parent])
            #expect(await eventually { sink.spans.count { $0.document["kind"] == 2 } == targets.count + 2 })
            let text = sink.spans.map { String(decoding: $0.document.serialized(), as: UTF8.self) }.joined()
            for part in [secret, "Signature", "Policy", "Key-Pair-Id", "?", "&"] {
                #expect(!text.contains(part), "\(part)")
            }
            let signature = try #require(signed.split(separator: "Signature=").last?.prefix { $0 != "&" })
            #expect(signature.count > 100 && !text.contains(signature))
        }
    }

    /// An edge that begins no traces of its own, and its collector.
    private func withTracedWorld(
        trustedCallers: [JSONValue] = ["127.0.0.1"], _ body: (World, SpanSink) async throws -> Void,
        afterwards: (SpanSink) -> Void = { _ in }
    ) async throws {
        let sink = try SpanSink()
        let world = try await World(configure: { document in
            document["telemetry"] = [
                "otlpEndpoint": .string(sink.url), "samplePerMillion": 0, "trustedCallers": .array(trustedCallers),
            ]
        })
        do {
            try await body(world, sink)
        } catch {
            Issue.record(error)
        }
        await world.stop()
        afterwards(sink)
        await sink.stop()
    }
}
