import Configuration
import HTTPWire
import JSON
import Testing

@testable import Tracing

struct TraceSettingsTests {
    private func read(_ section: JSONValue) throws -> TraceSettings? {
        let configuration = try Configuration(["telemetry": section], parameters: [TraceSettings.parameter])
        return try TraceSettings(configuration.section("telemetry")) { $0.inlineText }
    }

    @Test func `nothing is traced unless an endpoint is set`() throws {
        #expect(try read([:]) == nil)
        #expect(try read(["samplePerMillion": 5]) == nil)
    }

    @Test(arguments: [
        ("http://127.0.0.1:4318", "/v1/traces"), ("http://127.0.0.1:4318/", "/v1/traces"),
        ("http://collector/otlp/", "/otlp/v1/traces"),
    ])
    func `the traces' path is added`(_ endpoint: String, _ target: String) throws {
        let settings = try #require(try read(["otlpEndpoint": .string(endpoint)]))
        #expect(settings.url.target == target)
        #expect(settings.samplePerMillion == 10_000)
    }

    @Test(arguments: ["127.0.0.1:4318", "grpc://x", "http://", "http://x?y", "http://x/#a", "http://a b"])
    func `an endpoint that is none is refused by its key`(_ endpoint: String) throws {
        #expect(throws: TraceSettings.Refused.self) { try read(["otlpEndpoint": .string(endpoint)]) }
    }

    @Test func `callers are trusted by address and block, and nobody is unless named`() throws {
        func trusts(_ callers: [JSONValue], _ address: [UInt8]) throws -> Bool {
            let section: JSONValue = ["otlpEndpoint": "http://a", "trustedCallers": .array(callers)]
            return try #require(try read(section)).trusts(address)
        }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7]
        #expect(try !trusts([], [127, 0, 0, 1]))
        #expect(try trusts(["198.51.100.1", "192.0.2.0/24"], [192, 0, 2, 7]))
        #expect(try trusts(["192.0.2.0/24"], mapped))
        #expect(try !trusts(["192.0.2.0/24", "::/0"], [192, 0, 3, 7]))
        #expect(try trusts(["0.0.0.0/0"], [192, 0, 3, 7]))
    }

    @Test(arguments: ["", "localhost", "192.0.2.0/33", "192.0.2", "[::1]"])
    func `a trusted caller that is no address is refused by its place`(_ text: String) throws {
        let section: JSONValue = [
            "otlpEndpoint": "http://a", "trustedCallers": ["127.0.0.1", .string(text)],
        ]
        let refused = #expect(throws: TraceSettings.Refused.self) { try read(section) }
        #expect(refused?.key == "trustedCallers[1]")
    }
}

extension SecretSource {
    /// Only what stands in the document itself.
    fileprivate var inlineText: String {
        if case .inline(let text) = self { return text }
        return ""
    }
}
