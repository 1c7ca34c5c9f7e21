import Configuration
import Crypto
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

@Suite struct RestrictedRequestTests {
    private static func distribution(_ restriction: JSONObject) -> JSONValue {
        World.distribution(
            behavior: ["ResponseHeadersPolicyId": "open", "GeoRestriction": .object(restriction)],
            headers: ["CorsConfig": ["AccessControlAllowOrigins": ["*"]]])
    }

    private static func database(_ country: String) -> [UInt8] {
        var file = CountryDatabaseFile()
        file.add("127.0.0.0/8", .nested(country))
        return file.bytes
    }

    private static func configure(_ document: inout JSONObject) {
        document["geo"] = ["databaseFile": "countries.mmdb"]
    }

    @Test func `a client in a blocked country is told so, before anything else is looked at`() async throws {
        let blocked = Self.distribution(["RestrictionType": "blacklist", "Items": ["DE"]])
        try await withWorld(
            distribution: blocked, files: ["countries.mmdb": Self.database("DE")], configure: Self.configure
        ) { world async throws in
            world.origin.answer("/open/a", [1])
            let answer = try await world.get("/open/a", headers: ["Origin": "https://player.example"])
            #expect(answer.status == 403)
            #expect(answer.cache == "Error from weir")
            #expect(answer.headers.first("Access-Control-Allow-Origin") == "https://player.example")
            #expect(answer.text.contains("configured to block access from your country"))
            #expect(world.origin.count("/open/a") == 0)
            #expect(try await world.metric("weir_edge_geo_blocked_total{country=\"DE\"}") == 1)
            world.origin.answer("/page", [1])
            #expect(try await world.get("/page").status == 200)
            let isLogged = await eventually {
                world.log.lines.contains { $0.contains("\"country\":\"DE\"") && $0.contains("ClientGeoBlocked") }
            }
            #expect(isLogged)
        }
    }

    @Test func `a reload takes another database, also for connections that are open`() async throws {
        let allowed = Self.distribution(["RestrictionType": "whitelist", "Items": ["AT"]])
        try await withWorld(
            distribution: allowed, files: ["countries.mmdb": Self.database("AT")], configure: Self.configure
        ) { world async throws in
            world.origin.answer("/open/a", [1])
            #expect(try await world.get("/open/a").status == 200)
            world.write(bytes: Self.database("CH"), to: "countries.mmdb")
            #expect(try await world.get("/open/a").status == 200)
            #expect(try await world.admin("/reload").status == 200)
            #expect(try await world.get("/open/a").status == 403)
            // A broken one is refused, and the one in force stays.
            world.write(bytes: Array("broken".utf8), to: "countries.mmdb")
            let refused = try await world.admin("/reload")
            #expect(refused.status == 422)
            #expect("\(refused.document)".contains("$.geo.databaseFile"))
            #expect(try await world.get("/open/a").status == 403)
            world.write(bytes: Self.database("AT"), to: "countries.mmdb")
            #expect(try await world.admin("/reload").status == 200)
            #expect(try await world.get("/open/a").status == 200)
        }
    }

    @Test func `an unknown country is outside of a whitelist and of a blacklist`() async throws {
        var file = CountryDatabaseFile()
        file.add("10.0.0.0/8", .nested("DE"))
        for (kind, status) in [("whitelist", 403), ("blacklist", 200)] {
            let distribution = Self.distribution(["RestrictionType": .string(kind), "Items": ["DE"]])
            try await withWorld(
                distribution: distribution, files: ["countries.mmdb": file.bytes], configure: Self.configure
            ) { world async throws in
                world.origin.answer("/open/a", [1])
                #expect(try await world.get("/open/a").status == status)
            }
        }
    }

    @Test func `a restriction without a database, or with one that is missing, is refused`() {
        let restricted = Self.distribution(["RestrictionType": "whitelist", "Items": ["DE"]])
        #expect(
            problems(restricted, nil) == [
                "$.geo.databaseFile: is required: the behavior /open/* is restricted by country; name a database in MaxMind's "
                    + "format, or remove the GeoRestriction"
            ])
        let missing = problems(restricted, "countries.mmdb")
        #expect(missing.count == 1)
        #expect(missing.first?.hasPrefix("$.geo.databaseFile: ") == true)
        #expect(missing.first?.contains("cannot open countries.mmdb") == true)
        #expect(
            problems(World.distribution, "broken.mmdb").first?.hasPrefix(
                "$.geo.databaseFile: broken.mmdb is no country database in MaxMind's format (.mmdb): ") == true)
        #expect(problems(World.distribution, nil).isEmpty)
    }

    private func problems(_ distribution: JSONValue, _ database: String?) -> [String] {
        let files = TestFiles([
            "distribution.json": distribution.serialized(), "broken.mmdb": [1, 2, 3],
            "key.pem": Array(World.key.publicKey.pem.utf8),
        ])
        var document: JSONObject = [
            "distribution": "distribution.json", "http": ["listen": "127.0.0.1:0"],
            "admin": ["token": .string(World.token)], "cache": ["directory": "cache"],
            "origins": [
                "media": ["url": "http://a", "sigv4": ["accessKeyId": "A", "secretAccessKey": "s"]],
                "app": ["url": "http://a"],
            ],
            "keyGroups": ["playback": ["keys": [["id": "K1", "file": "key.pem"]]]],
        ]
        if let database { document["geo"] = ["databaseFile": .string(database)] }
        do {
            let values = try Configuration(.object(document), parameters: EdgeParameters.all)
            _ = try EdgeSettings(
                values,
                sources: SettingsSources(folder: "", readFile: { try files.read($0) }, resolve: { $0.inlineText }))
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}
