import AccessLog
import Bytes
import Configuration
import EventLoop
import Glibc
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

struct AccessLogTests {
    /// The access log's lines of a world, once there are `count`.
    private func lines(of world: World, _ count: Int = 1) async throws -> [JSONValue] {
        let isThere = await eventually { world.log.lines.count { $0.contains("\"msg\":\"request\"") } >= count }
        #expect(isThere)
        return try world.log.lines.filter { $0.contains("\"msg\":\"request\"") }.map {
            try JSONValue.parse(Array($0.utf8))
        }
    }

    @Test func `A line says what was asked, what was answered and what the cache did`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(1_000))
            _ = try await world.get(
                "/open/a?x=1", headers: ["User-Agent": "player \"1\"", "Referer": "https://e.test/w"])
            try await world.untilStored("/open/a")
            _ = try await world.get("/open/a", headers: ["Range": "bytes=10-19", "X-Forwarded-For": "198.51.100.7"])
            let lines = try await lines(of: world, 2)
            let (first, second) = (lines[0], lines[1])
            #expect(first["client"] == "127.0.0.1" && (first["port"]?.integer ?? 0) > 0)
            #expect(first["method"] == "GET" && first["path"] == "/open/a" && first["query"] == "x=1")
            #expect(first["user_agent"] == "player \"1\"" && first["referrer"] == "https://e.test/w")
            #expect(first["status"] == 200 && first["bytes"] == 1_000 && first["content_length"] == 1_000)
            #expect(first["result"] == "Miss" && first["cache"] == "miss" && first["protocol"] == "HTTP/1.1")
            #expect(first["behavior"] == "/open/*" && first["tls"] == false && first["complete"] == true)
            #expect((first["response_bytes"]?.integer ?? 0) > 1_100 && (first["request_bytes"]?.integer ?? 0) > 60)
            #expect(second["result"] == "Hit" && second["status"] == 206 && second["content_length"] == 10)
            #expect(second["range_start"] == 10 && second["range_end"] == 19)
            #expect(second["forwarded_for"] == "198.51.100.7" && second["query"] == nil)
        }
    }

    @Test func `Refusals and failures have their own words`() async throws {
        try await withWorld { world in
            _ = try await world.get("/media/a")
            _ = try await world.get("/open/a", method: .delete)
            world.origin.answer("/open/broken") { _ in Response(status: .serviceUnavailable) }
            _ = try await world.get("/open/broken")
            let lines = try await lines(of: world, 3)
            #expect(lines.map { $0["result"]?.string } == ["Error", "Error", "Error"])
            #expect(lines.map { $0["status"]?.integer } == [403, 405, 503])
            #expect(lines.map { $0["detail"]?.string } == [nil, "InvalidRequestMethod", "OriginError"])
        }
    }

    @Test func `An origin that cannot be reached is named as such`() async throws {
        try await withWorld(app: "http://127.0.0.1:1") { world in
            #expect(try await world.get("/page").status == 502)
            let line = try await lines(of: world)[0]
            #expect(line["result"] == "Error" && line["detail"] == "OriginConnectError")
        }
    }

    @Test func `No secret gets into any log, answer of explain included`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a") { _ in Response(status: .internalServerError) }
            let secret = "s3cr3t"
            let names = SecretParameters.builtIn + ["X-AMZ-SIGNATURE", "%53ignature"]
            let query = names.map { "\($0)=\(secret)" }.joined(separator: "&")
            let headers: Headers = [
                "Cookie": "session=\(secret); CloudFront-Signature=\(secret); CloudFront-Policy=\(secret)",
                "Authorization": "Bearer \(secret)", "Referer": "https://u:\(secret)@e.test/?\(query)#\(secret)",
                "Proxy-Authorization": "Basic \(secret)",
                "CMCD-Request": "nor=\"next.m4s%3FSignature%3D\(secret)\"",
            ]
            for target in ["/open/a", "/media/a", "/page", "/api/x", "/nothing%2F"] {
                _ = try await world.get("\(target)?\(query)&back=/x%3FSignature=\(secret)", headers: headers)
            }
            let lines = try await lines(of: world, 5)
            #expect(lines.allSatisfy { $0["query"]?.string?.contains("REDACTED") == true })
            #expect(!world.log.lines.contains { $0.contains(secret) })
            let explained = try await world.admin("/explain?url=/page%3Ftoken%3D\(secret)%26a%3D1", method: .get)
            #expect(explained.status == 200)
            #expect(!String(decoding: explained.document.serialized(), as: UTF8.self).contains(secret))
        }
    }

    @Test func `The standard log goes to a file with a header, which a reload opens anew`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("access.log")
        try await withWorld(configure: { document in
            document["accessLog"] = [
                "format": "w3c", "output": "file", "file": .string(path), "location": "FRA1", "cookies": "names",
            ]
        }) { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a", headers: ["Cookie": "a=1; b=2"])
            #expect(await eventually { Self.read(path).split(separator: "\n").count == 3 })
            #expect(rename(path, path + ".1") == 0)
            #expect(try await world.admin("/reload").status == 200)
            _ = try await world.get("/open/a?Signature=abc")
            #expect(await eventually { Self.read(path).split(separator: "\n").count == 3 })
            let texts = [Self.read(path + ".1"), Self.read(path)]
            #expect(texts.allSatisfy { $0.hasPrefix("\(W3CLine.header)") })
            let fields = texts.map {
                $0.split(separator: "\n").last?.split(separator: "\t", omittingEmptySubsequences: false) ?? []
            }
            #expect(fields.allSatisfy { $0.count == 33 && $0[2] == "FRA1" && $0[7] == "/open/a" && $0[8] == "200" })
            #expect(fields[0][12] == "a;%20b" && fields[0][11] == "-")
            #expect(fields[1][12] == "-" && fields[1][11] == "Signature=REDACTED")
            #expect(!world.log.lines.contains { $0.contains("\"msg\":\"request\"") })
        }
        unlink(path + ".1")
        unlink(path)
    }

    @Test func `Lines that wait are written when the edge stops`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("access.log")
        let world = try await World(configure: { document in
            document["accessLog"] = ["output": "file", "file": .string(path)]
        })
        world.origin.answer("/open/a", patterned(10))
        for _ in 0..<20 { _ = try await world.get("/open/a") }
        await world.stop()
        #expect(Self.read(path).split(separator: "\n").count == 20)
        unlink(path)
    }

    @Test func `Without an access log there is no line`() async throws {
        try await withWorld(configure: { $0["log"] = ["access": false] }) { world in
            world.origin.answer("/open/a", patterned(10))
            _ = try await world.get("/open/a")
            #expect(!world.log.lines.contains { $0.contains("\"msg\":\"request\"") })
        }
    }

    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

struct LogSettingsTests {
    private func problems(_ members: JSONObject) throws -> [String] {
        let sources = SettingsSources(folder: "/etc/weir", readFile: { _ in [] }, resolve: { _ in "" })
        let values = try Configuration(.object(members), parameters: [EdgeParameters.log, EdgeParameters.accessLog])
        let process = LogDestinationReading(values.section("log"), at: "$.log", sources: sources)
        let access = AccessLogReading(
            values.section("accessLog"), process: process.destination, sources: sources)
        return (process.problems + access.problems).map(\.path)
    }

    @Test func `Both logs go to standard error unless told otherwise`() throws {
        #expect(try problems([:]) == [])
        #expect(try problems(["log": ["output": "syslog"], "accessLog": ["output": "stdout", "format": "w3c"]]) == [])
    }

    @Test func `A destination that cannot be meant is refused at its key`() throws {
        #expect(try problems(["log": ["output": "file"]]) == ["$.log.file"])
        #expect(try problems(["accessLog": ["output": "file", "file": ""]]) == ["$.accessLog.file"])
        #expect(try problems(["accessLog": ["file": "x.log"]]) == ["$.accessLog.file"])
        #expect(try problems(["log": ["output": "syslog", "syslog": "logs.example.com:514"]]) == ["$.log.syslog"])
        #expect(try problems(["accessLog": ["format": "w3c"]]) == ["$.accessLog.format"])
        #expect(try problems(["accessLog": ["location": "a b"]]) == ["$.accessLog.location"])
    }
}
