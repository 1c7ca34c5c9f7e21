import HTTPWire
import JSON
import Testing

@testable import Tracing

struct OTLPDocumentTests {
    private static func context(state: String = "") -> TraceContext? {
        var headers: Headers = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"]
        if !state.isEmpty { headers.set("tracestate", state) }
        return TraceContext(headers)
    }

    @Test func `a span is written as the protocol's JSON has it`() throws {
        let span = Span(
            context: try #require(Self.context(state: "a=1")), parentID: 0x0b, name: "GET", kind: .client,
            start: 1_700_000_000_000_000_001, end: 1_700_000_000_000_000_009,
            attributes: [Span.Attribute("weir.cache", .text("hit")), Span.Attribute("n", .integer(-3))],
            failure: "status 502")
        let document = OTLPDocument.request([span], resource: [Span.Attribute("service.name", .text("weir-edge"))])
        let expected = try JSONValue.parse(
            Array(
                """
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"weir-edge"}}]},
                "scopeSpans":[{"scope":{"name":"weir"},"spans":[{
                "traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","parentSpanId":"000000000000000b",
                "traceState":"a=1","name":"GET","kind":3,"flags":1,
                "startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000009",
                "attributes":[{"key":"weir.cache","value":{"stringValue":"hit"}},{"key":"n","value":{"intValue":"-3"}}],
                "status":{"code":2,"message":"status 502"}}]}]}]}
                """.utf8))
        #expect(document == expected)
    }

    @Test func `the first span of a trace has no parent, and one that went well no status`() throws {
        let span = Span(
            context: try #require(Self.context()), parentID: 0, name: "GET", kind: .server, start: 1, end: 2)
        let spans = OTLPDocument.request([span], resource: [])["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]
        let fields = try #require(spans?[0]?.object)
        #expect(fields["parentSpanId"] == nil && fields["status"] == nil && fields["traceState"] == nil)
        #expect(fields["kind"] == 2)
    }

    @Test(arguments: [
        ("", 0), ("{}", 0), (#"{"partialSuccess":{}}"#, 0), (#"{"partialSuccess":{"rejectedSpans":"7"}}"#, 7),
        (#"{"partialSuccess":{"rejectedSpans":7}}"#, 7), (#"{"partialSuccess":{"rejectedSpans":-7}}"#, 0),
        (#"{"partialSuccess":{"rejectedSpans":"x"}}"#, 0), ("no json", 0),
    ])
    func `a collector may take a part`(_ answer: String, _ rejected: Int) {
        #expect(OTLPDocument.rejectedSpans(in: Array(answer.utf8)) == rejected)
    }
}
