import EventLoop
import Glibc
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Edge

/// Lines of requests that are refused while their head is read.
@Suite struct RefusedRequestLogTests {
    private func ask(_ world: World, _ request: String) throws -> String {
        let connection = try RawConnection(to: .loopback(port: world.edgePort))
        connection.send(request)
        return connection.receiveAll()
    }

    private func lines(of world: World, _ count: Int) async throws -> [JSONValue] {
        let isThere = await eventually { world.log.lines.count { $0.contains("\"msg\":\"request\"") } >= count }
        #expect(isThere)
        return try world.log.lines.filter { $0.contains("\"msg\":\"request\"") }.map {
            try JSONValue.parse(Array($0.utf8))
        }
    }

    @Test(arguments: [
        (400, "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n"), (400, "GET /secret-path HTTP/1.1\r\nHost: x\r\nA b\r\n\r\n"),
        (414, "GET /\(String(repeating: "a", count: 8_193)) HTTP/1.1\r\nHost: x\r\n\r\n"),
        (431, "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 20_480))\r\n\r\n"),
    ])
    func `a head that is refused has a line with what is known`(status: Int, request: String) async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            // A good request on another connection: nothing of it may be in the line.
            _ = try await world.get("/open/a?x=1", headers: ["User-Agent": "player"])
            let answer = try ask(world, request)
            // The loops' lines come in any order.
            let lines = try await lines(of: world, 2)
            let line = try #require(lines.first { $0["status"]?.integer == Int64(status) })
            #expect(line["client"] == "127.0.0.1" && (line["port"]?.integer ?? 0) > 0)
            #expect(line["result"] == "Error" && line["detail"] == "InvalidRequest")
            #expect(line["response_bytes"]?.integer == Int64(answer.utf8.count))
            #expect((line["request_bytes"]?.integer ?? 0) > 0)
            #expect(line["tls"] == false && (line["request_id"]?.string ?? "").isEmpty == false)
            for unknown in ["method", "path", "query", "host", "user_agent", "behavior", "distribution"] {
                #expect(line[unknown] == nil, "\(unknown)")
            }
        }
    }

    @Test func `a head that is too slow is the client's failure`() async throws {
        try await withWorld(configure: { $0["timeouts"] = ["headerSeconds": 1, "drainSeconds": 1] }) { world in
            #expect(try ask(world, "GET / HTTP/1.1\r\nHost:").hasPrefix("HTTP/1.1 408 "))
            let line = try await lines(of: world, 1)[0]
            #expect(line["status"] == 408 && line["detail"] == "ClientCommError" && line["request_bytes"] == 21)
        }
    }

    @Test func `a head that was understood is in the line, without its secrets`() async throws {
        try await withWorld(configure: { $0["limits"] = ["bodyMebibytes": 1] }) { world in
            let request =
                "POST /api/a?token=s3cr3t HTTP/1.1\r\nHost: x\r\nUser-Agent: uploader\r\nContent-Length: 1048577\r\n\r\n"
            #expect(try ask(world, request).hasPrefix("HTTP/1.1 413 "))
            let line = try await lines(of: world, 1)[0]
            #expect(line["status"] == 413 && line["method"] == "POST" && line["path"] == "/api/a")
            #expect(line["host"] == "x" && line["user_agent"] == "uploader" && line["query"] == "token=REDACTED")
            #expect(line["detail"] == "InvalidRequest")
        }
    }

    @Test func `the standard log has hyphens for what is not known`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("access.log")
        try await withWorld(configure: {
            $0["accessLog"] = ["format": "w3c", "output": "file", "file": .string(path)]
        }) { world in
            _ = try ask(world, "nonsense\r\n\r\n")
            #expect(await eventually { Self.read(path).split(separator: "\n").count == 3 })
            let line = try #require(Self.read(path).split(separator: "\n").last)
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            #expect(fields.count == 33)
            #expect(fields[4] == "127.0.0.1" && fields[5] == "-" && fields[7] == "-" && fields[8] == "400")
            #expect(fields[13] == "Error")
        }
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
