public import Configuration
internal import HTTPWire
internal import JSON

/// Where spans go and which requests make some.
public struct TraceSettings: Sendable {
    /// The collector's `…/v1/traces`.
    let url: HTTPURL
    /// The value of `Authorization`, if the collector wants one.
    let authorization: String?
    /// Requests in a million that begin a trace of their own.
    let samplePerMillion: Int
    /// Spans that may wait.
    let queueSpans: Int

    /// The section `telemetry` of a process's configuration.
    public static let parameter: Parameter = .section(
        "telemetry", "traces for a collector that speaks OTLP/HTTP; off unless otlpEndpoint is set",
        [
            .optional(
                "otlpEndpoint", .text, "the collector's base URL, such as http://127.0.0.1:4318; /v1/traces is added"),
            .optional("otlpAuthorization", .secret, "value of the Authorization field of requests to the collector"),
            .optional(
                "samplePerMillion", .integer(0...1_000_000, unit: "requests in a million"), default: 10_000,
                "requests without a traceparent that begin a trace; with one, the caller's sampled flag decides"),
            .optional(
                "queueSpans", .integer(16...1_048_576, unit: "spans"), default: 8_192,
                "spans that wait for the collector at most; beyond it they are dropped and counted"),
        ])

    /// Why a section cannot be used.
    public struct Refused: Error, Sendable {
        /// The key, below `telemetry`.
        public let key: String
        /// For people.
        public let message: String
    }

    /// Reads the section; `nil` when no endpoint is set. `resolve` fetches a secret.
    public init?(_ section: Configuration, resolve: (SecretSource) throws -> String) throws(Refused) {
        guard let text = section.optionalText("otlpEndpoint") else { return nil }
        let base = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard HTTPURL(text) != nil, let url = HTTPURL(base + "/v1/traces"), !base.contains("?"), !base.contains("#")
        else {
            throw Refused(
                key: "otlpEndpoint", message: "\"\(text)\" is not http:// or https:// with a host and at most a path")
        }
        do {
            authorization = try section.secret("otlpAuthorization").map(resolve)
        } catch {
            throw Refused(key: "otlpAuthorization", message: "\(error)")
        }
        self.url = url
        samplePerMillion = section.integer("samplePerMillion")
        queueSpans = section.integer("queueSpans")
    }
}
