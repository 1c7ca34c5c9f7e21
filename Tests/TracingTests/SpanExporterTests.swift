import Configuration
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Tracing

/// A server that is traced, and a collector, on loopback.
@Suite struct SpanExporterTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"

    @Test func `a request whose caller records becomes a span of the caller's trace`() async throws {
        try await withTracedServer { connection, sink, _ in
            connection.send(
                "GET /a/b?secret=1 HTTP/1.1\r\nHost: x\r\ntraceparent: \(Self.parent)1\r\ntracestate: a=1\r\n\r\n")
            #expect(connection.receiveResponse().head.contains("204"))
            #expect(await eventually { sink.spans.count == 1 })
            let span = try #require(sink.spans.first)
            #expect(span.service == "test")
            #expect(span["traceId"] == "0af7651916cd43dd8448eb211c80319c")
            #expect(span["parentSpanId"] == "b7ad6b7169203331")
            #expect(span["spanId"].count == 16 && span["spanId"] != "b7ad6b7169203331")
            #expect(span["traceState"] == "a=1")
            #expect(span["name"] == "GET" && span.document["kind"] == 2)
            #expect(span.attribute("url.path") == "/a/b")
            #expect(span.attribute("http.response.status_code") == "204")
            let (start, end) = (Int(span["startTimeUnixNano"]) ?? 0, Int(span["endTimeUnixNano"]) ?? 0)
            #expect(start > 1_700_000_000_000_000_000 && start <= end)
            #expect(sink.headers.first?.first("Authorization") == "Bearer of a collector")
        }
    }

    @Test func `what the caller does not record is not recorded here either`() async throws {
        try await withTracedServer(samplePerMillion: 1_000_000) { connection, sink, _ in
            connection.send("GET /no HTTP/1.1\r\nHost: x\r\ntraceparent: \(Self.parent)0\r\n\r\n")
            _ = connection.receiveResponse()
            connection.send("GET /yes HTTP/1.1\r\nHost: x\r\ntraceparent: malformed\r\n\r\n")
            _ = connection.receiveResponse()
            #expect(await eventually { sink.spans.count == 1 })
            let span = try #require(sink.spans.first)
            #expect(span.attribute("url.path") == "/yes")
            #expect(span.document["parentSpanId"] == nil)
        }
    }

    @Test func `a flag of nobody's we trust forces nothing`() async throws {
        let question = "GET /a HTTP/1.1\r\nHost: x\r\ntraceparent: \(Self.parent)1\r\n\r\n"
        try await withTracedServer(trustedCallers: ["192.0.2.0/24", "::1"]) { connection, sink, registry in
            connection.send(question)
            #expect(connection.receiveResponse().head.contains("204"))
        } afterwards: { sink in
            #expect(sink.spans.isEmpty)
        }
        // Its share of the requests is recorded all the same, and in the caller's trace.
        try await withTracedServer(samplePerMillion: 1_000_000, trustedCallers: []) { connection, sink, _ in
            connection.send(question)
            _ = connection.receiveResponse()
            #expect(await eventually { sink.spans.count == 1 })
            #expect(sink.spans.first?["traceId"] == "0af7651916cd43dd8448eb211c80319c")
            #expect(sink.spans.first?["parentSpanId"] == "b7ad6b7169203331")
        }
    }

    @Test func `a collector that is busy gets the same spans later`() async throws {
        try await withTracedServer(statuses: [.serviceUnavailable, .tooManyRequests]) { connection, sink, registry in
            connection.send("GET / HTTP/1.1\r\nHost: x\r\ntraceparent: \(Self.parent)1\r\n\r\n")
            _ = connection.receiveResponse()
            #expect(await eventually { sink.spans.count == 1 })
            #expect(sink.requests == 3)
            #expect(await eventually { registry.counter(TraceMetricTable.spans, "exported").value == 1 })
            #expect(registry.counter(TraceMetricTable.failures).value == 2)
        }
    }

    @Test func `what a collector refuses is counted and not sent again`() async throws {
        try await withTracedServer(statuses: [.badRequest]) { connection, sink, registry in
            for path in ["/lost", "/kept"] {
                connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\ntraceparent: \(Self.parent)1\r\n\r\n")
                _ = connection.receiveResponse()
                let count = path == "/lost" ? 1 : 2
                #expect(await eventually { sink.requests == count })
            }
            #expect(await eventually { sink.spans.map { $0.attribute("url.path") } == ["/kept"] })
            #expect(registry.counter(TraceMetricTable.spans, "refused").value == 1)
        }
    }

    @Test func `the end of the process sends what waits`() async throws {
        let sink = try SpanSink()
        try await run(sink, samplePerMillion: 0) { connection, _ in
            connection.send("GET /last HTTP/1.1\r\nHost: x\r\ntraceparent: \(Self.parent)1\r\n\r\n")
            _ = connection.receiveResponse()
        }
        #expect(sink.spans.map { $0.attribute("url.path") } == ["/last"])
        await sink.stop()
    }

    @Test func `a full queue drops and counts`() throws {
        let registry = MetricsRegistry(TraceMetricTable.all)
        let dropped = registry.counter(TraceMetricTable.spans, "dropped")
        let queue = SpanQueue(limit: 3, dropped: dropped)
        let context = try #require(TraceContext(["traceparent": "\(Self.parent)1"]))
        for start in 0..<5 {
            queue.add(Span(context: context, parentID: 0, name: "GET", kind: .server, start: Int64(start), end: 9))
        }
        #expect(queue.count == 3 && dropped.value == 2)
        #expect(queue.take(2).map(\.start) == [0, 1])
        #expect(queue.take(2).map(\.start) == [2])
        #expect(queue.take(2).isEmpty)
    }

    // MARK: The server

    private func withTracedServer(
        statuses: [HTTPStatus] = [], samplePerMillion: Int = 0, trustedCallers: [JSONValue] = ["127.0.0.0/8"],
        _ body: (RawConnection, SpanSink, MetricsRegistry) async throws -> Void,
        afterwards: (SpanSink) -> Void = { _ in }
    ) async throws {
        let sink = try SpanSink(answering: statuses)
        try await run(sink, samplePerMillion: samplePerMillion, trustedCallers) { try await body($0, sink, $1) }
        afterwards(sink)
        await sink.stop()
    }

    /// Ends server and exporter before it returns.
    private func run(
        _ sink: SpanSink, samplePerMillion: Int, _ trustedCallers: [JSONValue] = ["127.0.0.0/8"],
        _ body: (RawConnection, MetricsRegistry) async throws -> Void
    ) async throws {
        let section: JSONValue = [
            "otlpEndpoint": .string(sink.url), "otlpAuthorization": "Bearer of a collector",
            "samplePerMillion": .integer(Int64(samplePerMillion)), "trustedCallers": .array(trustedCallers),
        ]
        let configuration = try Configuration(["telemetry": section], parameters: [TraceSettings.parameter])
        let settings = try #require(
            try TraceSettings(configuration.section("telemetry")) {
                if case .inline(let text) = $0 { text } else { "" }
            })
        let registry = MetricsRegistry()
        let tracer = Tracer(settings, registry: registry)
        let group = try EventLoopGroup(loops: 1)
        let blocking = try BlockingPool(threads: 1, queueLimit: 8)
        let exporter = try SpanExporter(
            tracer, service: "test", on: group.loops[0], resolver: Resolver(pool: blocking),
            logger: Logger(label: "test", level: .info, sink: MemorySink()))
        let server = HTTPServer(group: group) { _ in
            TracedHandler(AsyncExchangeHandler { _ in Response(status: .noContent) }, tracer: tracer.loop())
        }
        let address = try server.bind(to: .loopback(port: 0))
        do {
            try await body(try RawConnection(to: address), registry)
        } catch {
            Issue.record(error)
        }
        await server.drain(within: .zero)
        await exporter.stop()
        await group.shutdown()
        blocking.shutdown()
    }
}
