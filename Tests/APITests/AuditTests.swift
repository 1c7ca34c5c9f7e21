import AccessSigning
import Audit
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import SQLiteDatabase
import TestKit
import Testing

@testable import API
@testable import Catalog

@Suite struct AuditTests {
    private func entries(_ bench: Bench, after sequence: Int64 = 0) async throws -> [JSONValue] {
        try await bench.catalog.read { try $0.auditLines(after: sequence, limit: 1_000) }.map(\.document)
    }

    private func write(_ count: Int, to bench: Bench) async throws {
        for number in 0..<count {
            try await bench.catalog.write { try $0.record(AuditAct(.jobRetried, of: .job("\(number)")), at: 5) }
        }
    }

    @Test func `the log is for administrators`() async throws {
        let bench = try await Bench()
        for path in ["/admin/audit", "/admin/audit/export", "/admin/audit/verify"] {
            #expect(await bench.call(.get, path).status == .unauthorized)
            #expect(await bench.call(.get, path, as: "token-anna").code == "role_required")
        }
    }

    @Test func `each act of an administrator, and each deletion, leaves one entry with who and what`() async throws {
        let bench = try await Bench()
        let (hers, another) = (await bench.upload(), await bench.upload())
        var last = Int64(try await entries(bench).count)
        func said() async throws -> [String] {
            let entries = try await entries(bench, after: last)
            last += Int64(entries.count)
            return entries.map { entry in
                ["action", "outcome", "actor", "subject"].map { entry[$0]?.string ?? "" }.joined(separator: " ")
            }
        }
        func administer(_ method: HTTPMethod, _ path: String, _ json: JSONValue? = nil) async -> JSONValue {
            await bench.call(method, path, as: "token-admin", json).json
        }
        let made = await administer(.post, "/admin/keys", ["algorithm": "ECDSA-P256"])["keyPairId"]?.string ?? ""
        #expect(try await said() == ["signing_key_created success user:sub-admin signing-key:\(made)"])
        _ = await administer(.post, "/admin/keys/rotate", ["keyPairId": .string(made)])
        #expect(try await said() == ["rotation_begun success user:sub-admin signing-key:\(made)"])
        _ = await administer(.delete, "/admin/keys/\(made)")
        _ = await administer(.delete, "/admin/keys/\(made)")
        #expect(try await said() == ["signing_key_retired success user:sub-admin signing-key:\(made)"])
        let policy = CloudFrontPolicy(resource: "http*://*/media/*", expires: 1_900_000_000).customText
        _ = await administer(.post, "/admin/keys/sign", ["policy": .string(policy)])
        let signed = try await entries(bench, after: last)
        #expect(signed.last?["details"] == ["policy": .string(policy)])
        #expect(try await said() == ["policy_signed success user:sub-admin signing-key:K2WEIR"])

        _ = await bench.call(.patch, "/videos/\(hers)", as: "token-anna", ["title": "Mine"])
        #expect(try await said() == [])
        _ = await administer(.patch, "/videos/\(hers)", ["visibility": "private"])
        #expect(try await said() == ["video_edited success user:sub-admin video:\(hers)"])
        _ = await administer(.delete, "/videos/\(hers)")
        _ = await bench.call(.delete, "/videos/\(another)", as: "token-anna")
        #expect(
            try await said() == [
                "video_trashed success user:sub-admin video:\(hers)",
                "video_trashed success user:sub-anna video:\(another)",
            ])
    }

    @Test func `a page says where the next one begins and where the log ends`() async throws {
        let bench = try await Bench()
        try await write(4, to: bench)
        let first = await bench.call(.get, "/admin/audit?limit=3", as: "token-admin").json
        #expect(first["items"]?.array?.compactMap { $0["sequence"]?.integer } == [1, 2, 3])
        #expect(first["items"]?[0]?["action"] == "signing_key_created" && first["items"]?[0]?["actor"] == "system")
        #expect(first["lastEvaluatedKey"] == "3")
        let mark = try #require(first["head"]?.string.flatMap { AuditMark($0) })
        #expect(try await bench.catalog.read { try $0.auditHead().mark } == mark)
        #expect(mark.sequence == 5)
        for query in ["after=3", "startKey=3"] {
            let rest = await bench.call(.get, "/admin/audit?\(query)", as: "token-admin").json
            #expect(rest["items"]?.array?.compactMap { $0["sequence"]?.integer } == [4, 5])
            #expect(rest["lastEvaluatedKey"] == nil)
        }
        for query in ["after=x", "startKey=!", "limit=1001", "limit=0"] {
            #expect(await bench.call(.get, "/admin/audit?\(query)", as: "token-admin").code == "invalid_request")
        }
        let misread = await bench.call(.get, "/admin/audit?startKey=-1", as: "token-admin")
        #expect(misread.status == .unprocessableContent && misread.json["parameter"] == "startKey")
    }

    @Test func `an export has a line for every entry`() async throws {
        let bench = try await Bench()
        try await write(1_100, to: bench)
        let group = try EventLoopGroup(loops: 1, name: "api-test")
        let api = bench.api
        let server = HTTPServer(configuration: HTTPServerConfiguration(), group: group) { _ in
            AsyncExchangeHandler { await api.respond(to: $0) }
        }
        let address = try server.bind(to: SocketAddress("127.0.0.1:0")!)
        let connection = try RawConnection(to: address)
        connection.send(
            "GET /api/v1/admin/audit/export?after=2 HTTP/1.0\r\nHost: origin.test\r\n"
                + "Authorization: Bearer token-admin\r\n\r\n")
        let head = connection.receive(until: "\r\n\r\n")
        #expect(head.lowercased().contains("content-type: application/x-ndjson"))
        let text = connection.receiveAll()
        let lines = text.split(separator: "\n").map { AuditLine(exported: String($0)) }
        #expect(try await bench.catalog.read { try $0.auditLines(after: 2, limit: 2_000) } == lines)
        #expect(lines.count == 1_099)
        await server.drain(within: .seconds(1))
        await group.shutdown()
    }

    @Test func `the log is verified in batches, and the entry that was changed is named`() async throws {
        let bench = try await Bench()
        try await write(4, to: bench)
        let begun = await bench.call(.get, "/admin/audit/verify?limit=3", as: "token-admin").json
        #expect(begun["checked"] == 3 && begun["complete"] == false && begun["fault"] == nil)
        let through = begun["through"]?.string ?? ""
        let ended = await bench.call(.get, "/admin/audit/verify?since=\(through)", as: "token-admin").json
        #expect(ended["checked"] == 2 && ended["complete"] == true && ended["fault"] == nil)
        try await bench.catalog.database.write { connection in
            try connection.execute("DROP TRIGGER audit_log_is_not_changed")
            try connection.execute("UPDATE audit_log SET entry = replace(entry, 'job:3', 'job:7') WHERE sequence = 5")
        }
        let broken = await bench.call(.get, "/admin/audit/verify", as: "token-admin").json
        #expect(broken["checked"] == 4 && broken["complete"] == false)
        #expect(broken["fault"]?["sequence"] == 5 && broken["fault"]?["reason"] == "altered")
        #expect(broken["fault"]?["detail"]?.string?.contains("entry 5") == true)
        for since in ["3", "x:y", "3:00"] {
            let answer = await bench.call(.get, "/admin/audit/verify?since=\(since)", as: "token-admin")
            #expect(answer.code == "invalid_request")
        }
    }
}
