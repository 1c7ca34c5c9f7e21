import Configuration
import JSON
import SegmentStore
import Telemetry
import Testing

@testable import Edge

/// What an order means to the store of an edge with two distributions.
@Suite struct PurgeOrderTests {
    private static func distribution(_ id: String, _ alias: String) -> JSONValue {
        [
            "Id": .string(id), "Aliases": [.string(alias)], "Origins": [["Id": "app", "DomainName": "127.0.0.1:9"]],
            "CachePolicies": [["Id": "all"]],
            "DefaultCacheBehavior": ["TargetOriginId": "app", "CachePolicyId": "all"],
        ]
    }

    private func snapshot() throws -> EdgeSnapshot {
        let files = TestFiles([
            "1": Self.distribution("E1", "one.test").serialized(),
            "2": Self.distribution("E2", "*.two.test").serialized(),
        ])
        let document: JSONValue = [
            "distribution": "1", "distributions": ["2"], "unknownHosts": "refuse", "http": ["listen": "127.0.0.1:0"],
            "admin": ["token": "0123456789abcdef"], "cache": ["directory": "cache"],
        ]
        let settings = try EdgeSettings(
            try Configuration(document, parameters: EdgeParameters.all),
            sources: SettingsSources(folder: "", readFile: { try files.read($0) }, resolve: { $0.inlineText }))
        return try EdgeSnapshot(settings.content, limits: LimitBook(capacity: 64, registry: MetricsRegistry()))
    }

    private func request(_ order: JSONValue) throws -> PurgeRequest {
        try PurgeOrder(order, snapshot: try snapshot()).request
    }

    private func bytes(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    @Test func `paths, prefixes and tags are about all distributions unless one is named`() throws {
        #expect(try request(["urls": ["/a?x=1"]]).urls == bytes("/a", "E2/a"))
        #expect(try request(["prefixes": ["/a/*"]]).prefixes == bytes("/a/", "E2/a/"))
        #expect(try request(["tags": ["t"]]).tags == bytes("t", "E2/t"))
        #expect(try request(["all": true]) == PurgeRequest(all: true))
        #expect(try request(["urls": ["/a"], "distribution": "E1"]).urls == bytes("/a"))
        #expect(try request(["tags": ["t"], "distribution": "E2", "soft": true]).tags == bytes("E2/t"))
        #expect(try request(["all": true, "distribution": "E2"]) == PurgeRequest(prefixes: bytes("E2/")))
        #expect(try request(["all": true, "distribution": "E1"]) == PurgeRequest(prefixes: bytes("/")))
    }

    @Test(arguments: [
        ("https://one.test/a", "/a"), ("http://ONE.test:8080/a", "/a"), ("http://x.two.test", "E2/"),
        ("http://x.two.test?q=1", "E2/"), ("https://x.two.test./b?q", "E2/b"),
    ])
    func `a whole URL is of the distribution that answers for its host`(url: String, key: String) throws {
        #expect(try request(["urls": [.string(url)]]).urls == bytes(key))
    }

    @Test func `a host that nobody answers for is refused, and so is a distribution that is not here`() throws {
        #expect(throws: PurgeOrder.Refused.self) { try request(["urls": ["http://three.test/a"]]) }
        #expect(throws: PurgeOrder.Refused.self) { try request(["all": true, "distribution": "E3"]) }
        #expect(throws: PurgeOrder.Refused.self) { try request(["all": true, "distribution": 1]) }
    }

    @Test(
        arguments: [
            (["urls": ["/a"], "distribution": "E1"], ["/a"]), (["urls": ["/a"], "distribution": "E2"], ["E2/a"]),
            (["urls": ["/a"]], ["/a", "E2/a"]),
        ] as [(JSONValue, [String])])
    func `an order of the log is about the distribution it names, or about all`(order: JSONValue, keys: [String]) throws
    {
        let (order, stranger) = try PurgeOrder.logged(order, snapshot: try snapshot())
        #expect(order.request == PurgeRequest(urls: keys.map { Array($0.utf8) }))
        #expect(stranger == nil)
    }

    @Test func `an order of the log for a distribution of other edges is about all that may be left of it here`() throws
    {
        let (order, stranger) = try PurgeOrder.logged(
            ["urls": ["/a"], "tags": ["t"], "distribution": "E3"], snapshot: try snapshot())
        #expect(order.request == PurgeRequest(prefixes: bytes("E3/")))
        #expect(stranger == "E3")
        let id = JSONValue.string(String(repeating: "E", count: 65))
        #expect(throws: PurgeOrder.Refused.self) {
            try PurgeOrder.logged(["all": true, "distribution": id], snapshot: try snapshot())
        }
    }
}
