import Configuration
import HTTP2
import HTTPServer
import JSON
import Testing

@testable import Edge

/// The budgets of HTTP/2 as an operator sets them.
struct HTTP2SettingsTests {
    private func limits(_ section: JSONObject) throws -> HTTP2Limits {
        let parameters = EdgeParameters.all.filter { $0.key == "http2" }
        return HTTP2Limits(try Configuration(["http2": .object(section)], parameters: parameters).section("http2"))
    }

    @Test func `what is not set is as HTTP2Limits has it`() throws {
        #expect(try limits([:]) == HTTP2Limits())
    }

    @Test func `every key sets a limit of its own`() throws {
        let names = EdgeParameters.http2.map(\.key)
        let defaults = HTTP2Limits()
        var seen: [HTTP2Limits] = []
        for name in names {
            let changed = try limits([name: 777])
            #expect(changed != defaults, "\(name) sets nothing")
            #expect(!seen.contains(changed), "\(name) sets what another key sets")
            seen.append(changed)
        }
        #expect(names.count == 14)
    }

    @Test func `the listeners are made of them`() throws {
        let files = TestFiles(["d.json": DistributionTests.minimal.serialized()])
        let document: JSONObject = [
            "distribution": "d.json", "http": ["listen": "127.0.0.1:0"], "admin": ["token": "0123456789abcdef"],
            "cache": ["directory": "cache"], "origins": ["app": ["url": "http://127.0.0.1:9000"]],
            "http2": ["concurrentStreams": 7, "budgetSeconds": 3], "timeouts": ["settingsSeconds": 2],
        ]
        let settings = try EdgeSettings(
            try Configuration(.object(document), parameters: EdgeParameters.all),
            sources: SettingsSources(folder: "", readFile: { try files.read($0) }, resolve: { $0.inlineText }))
        let configuration = settings.serverConfiguration("http")
        #expect(configuration.http2.concurrentStreams == 7)
        #expect(configuration.http2.windowNanoseconds == 3_000_000_000)
        #expect(configuration.settingsTimeout == .seconds(2))
    }
}
