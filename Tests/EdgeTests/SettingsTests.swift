import Configuration
import Crypto
import JSON
import Testing

@testable import Edge

@Suite struct SettingsTests {
    private static let complete: JSONObject = [
        "distribution": "d.json", "http": ["listen": "127.0.0.1:0"],
        "admin": ["token": "0123456789abcdef"], "cache": ["directory": "cache"],
        "origins": ["app": ["url": "http://127.0.0.1:9000"]],
    ]

    private func problems(
        distribution: JSONValue = DistributionTests.minimal, _ change: (inout JSONObject) -> Void
    ) -> [String] {
        var document = Self.complete
        change(&document)
        let files = TestFiles([
            "/etc/weir/d.json": distribution.serialized(), "/etc/weir/no.pem": Array("none".utf8),
            "/etc/weir/second.json": Self.second([]).serialized(),
            "/etc/weir/third.json": Self.second(["a.test"]).serialized(),
        ])
        do {
            _ = try EdgeSettings(
                try Configuration(.object(document), parameters: EdgeParameters.all),
                sources: SettingsSources(
                    folder: "/etc/weir", readFile: { try files.read($0) }, resolve: { $0.inlineText }))
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static func second(_ aliases: [JSONValue]) -> JSONValue {
        [
            "Id": "E2", "Aliases": .array(aliases), "Origins": [["Id": "app"]],
            "DefaultCacheBehavior": ["TargetOriginId": "app"],
        ]
    }

    @Test func `several distributions have an id and hosts of their own, and their origins names with it`() {
        #expect(
            problems { $0["distributions"] = ["second.json"] }.contains(
                "/etc/weir/second.json: $.Aliases: is empty, so no request would reach this distribution: name the hosts it "
                    + "answers for"))
        let twice = problems {
            $0["distributions"] = ["third.json", "third.json"]
            $0["unknownHosts"] = "refuse"
        }
        #expect(
            twice == [
                "/etc/weir/d.json: $.Aliases: is empty, and unknownHosts is \"refuse\": name the hosts it answers for",
                "/etc/weir/third.json: $.Id: \"E2\" is the Id of /etc/weir/third.json already: give each its own",
                "/etc/weir/third.json: $.Aliases[0]: \"a.test\" is an alias of /etc/weir/third.json already: a host has one "
                    + "distribution",
            ])
        let unplaced = problems { $0["distributions"] = ["third.json"] }
        #expect(
            unplaced == [
                "$.origins.E2/app.url: \"http://\" is not http:// or https:// with a host and optionally a port"
            ])
        let placed = problems {
            $0["distributions"] = ["third.json"]
            $0["origins"] = ["app": ["url": "http://a"], "E2/app": ["url": "http://b"]]
        }
        #expect(placed == [])
    }

    @Test func `what is most likely not meant is a warning, and no reason to refuse`() throws {
        var document = Self.complete
        document["keyGroups"] = ["old": ["keys": [["id": "K1", "file": "key.pem"]]]]
        document["origins"] = [
            "app": ["url": "http://bucket.test", "sigv4": ["accessKeyId": "A", "secretAccessKey": "s"]]
        ]
        var signing = DistributionTests.minimal.object ?? [:]
        signing["Origins"] = [["Id": "app", "OriginAccessControl": ["SigningBehavior": "always"]]]
        signing["CacheBehaviors"] = [
            ["PathPattern": "/*", "TargetOriginId": "app"], ["PathPattern": "/a", "TargetOriginId": "app"],
        ]
        let files = TestFiles([
            "d.json": JSONValue.object(signing).serialized(), "key.pem": Array(World.key.publicKey.pem.utf8),
        ])
        let settings = try EdgeSettings(
            try Configuration(.object(document), parameters: EdgeParameters.all),
            sources: SettingsSources(folder: "", readFile: { try files.read($0) }, resolve: { $0.inlineText }))
        #expect(
            settings.warnings.map(\.path) == [
                "d.json: $.CacheBehaviors[1].PathPattern", "d.json: $.DefaultCacheBehavior", "$.keyGroups.old",
                "$.origins.app.url",
            ])
    }

    @Test func `a complete document is accepted`() {
        #expect(problems { _ in } == [])
    }

    @Test func `without a listener there is nothing to start`() {
        #expect(problems { $0["http"] = [:] } == ["$.http.listen: an edge needs http.listen or https.listen"])
    }

    @Test func `numbers out of range are refused with value and range`() {
        let found = problems { $0["cache"] = ["directory": "cache", "capacityMebibytes": 1] }
        #expect(found == ["$.cache.capacityMebibytes: 1 MiB is outside the allowed range 64…16777216"])
    }

    @Test func `a short token is refused without showing it`() {
        let found = problems { $0["admin"] = ["token": "short"] }
        #expect(found == ["$.admin.token: has 5 characters, allowed are 16 and more"])
    }

    @Test func `an origin must be known and its address an address`() {
        let unknown = problems { $0["origins"] = ["ap": ["url": "http://h"]] }
        #expect(unknown.contains("$.origins.ap: is not an origin of /etc/weir/d.json; did you mean \"app\"?"))
        let malformed = problems { $0["origins"] = ["app": ["url": "ftp://h"]] }
        #expect(
            malformed == ["$.origins.app.url: \"ftp://h\" is not http:// or https:// with a host and optionally a port"]
        )
    }

    @Test func `servers of an origin are addresses, each of them once`() {
        let found = problems {
            $0["origins"] = [
                "app": ["url": "http://h", "servers": ["a", "a:80", "[::1]:81", "http://b", "c:0", "d/e"]]
            ]
        }
        #expect(
            found == [
                "$.origins.app.servers[1]: \"a:80\" is given twice",
                "$.origins.app.servers[3]: \"http://b\" is not HOST or HOST:PORT",
                "$.origins.app.servers[4]: \"c:0\" is not HOST or HOST:PORT",
                "$.origins.app.servers[5]: \"d/e\" is not HOST or HOST:PORT",
            ])
    }

    @Test func `a health check needs a path that can be asked for and a status that is good`() {
        let found = problems {
            $0["origins"] = ["app": ["url": "http://h", "healthCheck": ["path": "fit", "statuses": []]]]
        }
        #expect(
            found == [
                "$.origins.app.healthCheck.path: \"fit\" must begin with a slash and have no blanks",
                "$.origins.app.healthCheck.statuses: needs at least one status",
            ])
    }

    @Test func `an origin that wants signatures needs credentials`() {
        var signing = DistributionTests.minimal.object ?? [:]
        signing["Origins"] = [["Id": "app", "OriginAccessControl": ["SigningBehavior": "always"]]]
        let found = problems(distribution: .object(signing)) { _ in }
        #expect(
            found == ["$.origins.app.sigv4.accessKeyId: is required: the distribution signs requests to this origin"])
    }

    @Test func `a trusted key group must exist and hold usable keys`() {
        var signed = DistributionTests.minimal.object ?? [:]
        signed["DefaultCacheBehavior"] = [
            "TargetOriginId": "app", "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]],
        ]
        #expect(
            problems(distribution: .object(signed)) { _ in }
                == [
                    "$.keyGroups: lacks \"playback\", which the behavior default trusts, and no control.url says where to learn its keys"
                ])
        let unusable = problems(distribution: .object(signed)) {
            $0["keyGroups"] = ["playback": ["keys": [["id": "K1", "file": "no.pem"]]]]
        }
        #expect(unusable.count == 1)
        #expect(
            unusable.first?.hasPrefix("$.keyGroups.playback.keys[0].file: /etc/weir/no.pem holds no usable") == true)
    }

    @Test func `a wrong distribution is refused with its own places`() {
        let found = problems(distribution: [
            "Id": "E1", "Origins": [], "DefaultCacheBehavior": ["TargetOriginId": "app"],
        ]) {
            $0["origins"] = [:]
        }
        #expect(found.first == "/etc/weir/d.json: $.Origins: needs at least one origin")
        let missing = problems { $0["distribution"] = "other.json" }
        #expect(missing.count == 1)
        #expect(missing.first?.hasPrefix("$.distribution: /etc/weir/other.json: ") == true)
    }

    @Test(
        arguments: [
            ("http://h", "h", 80, false), ("https://h/", "h", 443, true),
            ("http://127.0.0.1:9001", "127.0.0.1", 9001, false),
            ("https://[::1]:8443", "::1", 8443, true),
        ] as [(String, String, UInt16, Bool)])
    func `an origin's URL gives host, port and scheme`(text: String, host: String, port: UInt16, usesTLS: Bool) throws {
        let url = try #require(OriginURL(text))
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.usesTLS == usesTLS)
    }

    @Test(arguments: [
        "", "h:80", "http://", "http://h:0", "http://h:99999", "http://h/path", "http://u@h", "http://[::1",
    ])
    func `what is no origin URL is refused`(text: String) {
        #expect(OriginURL(text) == nil)
    }
}
