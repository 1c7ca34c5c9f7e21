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
    /// Who decides by its sampled flag that a trace is recorded.
    let trustedCallers: [IPNetwork]
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
                "requests that are recorded, each in its caller's trace or in one of its own; never those whose caller says it "
                    + "does not record"),
            .optional(
                "trustedCallers", .texts, default: [],
                "addresses and blocks, such as 192.0.2.0/24, whose sampled traces are recorded whatever samplePerMillion says; "
                    + "a proxy among them speaks for all of its clients"),
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
        trustedCallers = try Self.networks(section.texts("trustedCallers"))
        self.url = url
        samplePerMillion = section.integer("samplePerMillion")
        queueSpans = section.integer("queueSpans")
    }

    private static func networks(_ texts: [String]) throws(Refused) -> [IPNetwork] {
        var networks: [IPNetwork] = []
        for (index, text) in texts.enumerated() {
            guard let network = IPNetwork(text) else {
                throw Refused(
                    key: "trustedCallers[\(index)]",
                    message: "\"\(text)\" is neither an address nor a block such as 192.0.2.0/24 or 2001:db8::/32")
            }
            networks.append(network)
        }
        return networks
    }

    /// Whether whoever has this address decides by its sampled flag.
    func trusts(_ address: [UInt8]) -> Bool {
        guard !trustedCallers.isEmpty, let address = IPAddress(bytes: address) else { return false }
        return trustedCallers.contains { $0.contains(address) }
    }
}
