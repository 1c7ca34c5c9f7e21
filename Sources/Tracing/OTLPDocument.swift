internal import Bytes
internal import HTTPWire
public import JSON

/// Spans as OTLP/HTTP wants them in JSON (OpenTelemetry Protocol 1.x, `ExportTraceServiceRequest`): ids in hexadecimal,
/// 64-bit numbers as text.
public enum OTLPDocument {
    /// The body of a request that exports `spans` of the process that `resource` describes.
    public static func request(_ spans: [Span], resource: [Span.Attribute]) -> JSONValue {
        let scope: JSONValue = ["name": "weir"]
        let scopeSpans: JSONValue = ["scope": scope, "spans": .array(spans.map(span))]
        return [
            "resourceSpans": [
                ["resource": ["attributes": attributes(resource)], "scopeSpans": .array([scopeSpans])]
            ]
        ]
    }

    /// How many spans of a request the collector says it did not take (`partialSuccess`).
    public static func rejectedSpans(in answer: [UInt8]) -> Int {
        guard let answer = try? JSONValue.parse(answer), let count = answer["partialSuccess"]?["rejectedSpans"] else {
            return 0
        }
        return max(0, count.integer.map { Int($0) } ?? count.string.flatMap { Int($0) } ?? 0)
    }

    private static func span(_ span: Span) -> JSONValue {
        var fields: JSONObject = [
            "traceId": .string(hexadecimal(span.context.traceID.high) + hexadecimal(span.context.traceID.low)),
            "spanId": .string(hexadecimal(span.context.spanID)), "name": .string(span.name),
            "kind": .integer(Int64(span.kind.rawValue)), "startTimeUnixNano": .string(span.start.description),
            "endTimeUnixNano": .string(span.end.description), "attributes": attributes(span.attributes),
            "flags": .integer(Int64(span.context.flags)),
        ]
        if span.parentID != 0 { fields["parentSpanId"] = .string(hexadecimal(span.parentID)) }
        if !span.context.state.isEmpty {
            fields["traceState"] = .string(String(decoding: span.context.state, as: UTF8.self))
        }
        if let failure = span.failure { fields["status"] = ["code": 2, "message": .string(failure)] }
        return .object(fields)
    }

    private static func attributes(_ attributes: [Span.Attribute]) -> JSONValue {
        .array(
            attributes.map { attribute in
                let value: JSONValue =
                    switch attribute.value {
                    case .text(let text): ["stringValue": .string(text)]
                    case .integer(let number): ["intValue": .string(number.description)]
                    case .bool(let flag): ["boolValue": .bool(flag)]
                    }
                return ["key": .string(attribute.name), "value": value]
            })
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        var buffer = GrowableBuffer(capacity: 16)
        buffer.append(HexadecimalDigits(of: number))
        return String(decoding: buffer.readable, as: UTF8.self)
    }
}
