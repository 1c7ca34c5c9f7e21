import AccessSigning
import Audit
import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct ServiceAccountTests {
    /// What a machine has been given.
    private struct Key {
        let id: String
        let secret: String

        init(_ answer: Response) throws {
            id = try #require(answer.json["accessKeyId"]?.string)
            secret = try #require(answer.json["secretAccessKey"]?.string)
        }
    }

    private static let path = "/admin/service-accounts"
    private static let upload: JSONValue = ["fileName": "film.mp4", "contentType": "video/mp4", "size": 100]

    private func create(_ bench: Bench, _ name: String, _ role: String) async throws -> Key {
        let made = await bench.call(
            .post, Self.path, as: "token-admin", ["name": .string(name), "role": .string(role)])
        #expect(made.status == .created && made.json["role"] == .string(role))
        return try Key(made)
    }

    /// Calls the API signed with a key; `sent` goes in place of the body that was signed.
    private func call(
        _ bench: Bench, _ method: HTTPMethod, _ path: String, with key: Key, _ json: JSONValue? = nil,
        secondsAgo: Int64 = 0, service: String = "execute-api", sent: JSONValue? = nil
    ) async -> Response {
        let signed = SigV4Request(
            method: "\(method)", path: "/api/v1" + path, headers: [(name: "host", value: "origin.test")])
        let added = SigV4.sign(
            signed,
            credentials: SigV4Credentials(
                accessKeyId: key.id, secretAccessKey: key.secret, region: "eu-central-1", service: service),
            payloadHash: SigV4.payloadHash(json?.serialized() ?? []),
            epochSeconds: bench.clock.now / 1_000 - secondsAgo)
        return await bench.call(method, path, sent ?? json, fields: added.map { ($0.name, $0.value) })
    }

    @Test func `a machine uploads under its own name, as far as its role goes`() async throws {
        let bench = try await Bench()
        let creator = try await create(bench, "encoder", "creator")
        let made = await call(bench, .post, "/uploads", with: creator, Self.upload)
        #expect(made.status == .created)
        let id = made.json["videoId"]?.string ?? ""
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-admin").json["ownerId"] == "service:encoder")
        #expect(await call(bench, .patch, "/videos/\(id)", with: creator, ["title": "New"]).status == .ok)
        #expect(await call(bench, .get, "/admin/jobs", with: creator).json["requiredRole"] == "admin")
        let viewer = try await create(bench, "screen", "viewer")
        #expect(await call(bench, .get, "/videos", with: viewer).status == .ok)
        #expect(await call(bench, .post, "/uploads", with: viewer, Self.upload).json["requiredRole"] == "creator")
        #expect(await call(bench, .delete, "/videos/\(id)", with: viewer).code == "role_required")
        let admin = try await create(bench, "robot", "admin")
        #expect(await call(bench, .get, "/admin/jobs", with: admin).status == .ok)
        let worker = try await create(bench, "worker", "worker")
        #expect(await call(bench, .get, "/videos", with: worker).code == "forbidden")
    }

    @Test func `nobody else's body, time, service or key will do`() async throws {
        let bench = try await Bench()
        let key = try await create(bench, "encoder", "creator")
        let other: JSONValue = ["fileName": "other.mp4", "contentType": "video/mp4", "size": 100]
        let refused = [
            await call(bench, .post, "/uploads", with: key, Self.upload, sent: other),
            await call(bench, .post, "/uploads", with: key, Self.upload, secondsAgo: 901),
            await call(bench, .post, "/uploads", with: key, Self.upload, secondsAgo: -901),
            await call(bench, .get, "/videos", with: key, service: "s3"),
            await bench.call(.get, "/videos", fields: [("Authorization", "AWS4-HMAC-SHA256 nonsense")]),
        ]
        for answer in refused { #expect(answer.status == .unauthorized && answer.code == "invalid_signature") }
        #expect(await call(bench, .get, "/videos", with: key, secondsAgo: 899).status == .ok)
        let large: JSONValue = .string(String(repeating: "x", count: 65_536))
        #expect(await call(bench, .post, "/uploads", with: key, large).code == "body_too_large")
    }

    @Test func `a signature in the URL is none`() async throws {
        let bench = try await Bench()
        let key = try await create(bench, "robot", "admin")
        let query = SigV4.presign(
            SigV4Request(
                method: "GET", path: "/api/v1/admin/jobs", headers: [(name: "host", value: "origin.test")]),
            credentials: SigV4Credentials(
                accessKeyId: key.id, secretAccessKey: key.secret, region: "eu-central-1", service: "execute-api"),
            epochSeconds: bench.clock.now / 1_000, expirySeconds: 60)
        #expect(await bench.call(.get, "/admin/jobs?\(query)").code == "unauthenticated")
    }

    @Test func `a disabled account, a deleted key and a deleted account are refused with the next call`() async throws {
        let bench = try await Bench()
        let first = try await create(bench, "encoder", "creator")
        func isGood(_ key: Key) async -> Bool { await call(bench, .get, "/videos", with: key).status == .ok }
        func administer(_ method: HTTPMethod, _ path: String, _ json: JSONValue? = nil) async -> Response {
            await bench.call(method, Self.path + path, as: "token-admin", json)
        }
        #expect(await administer(.patch, "/encoder", ["enabled": false]).json["enabled"] == false)
        #expect(await !isGood(first))
        #expect(await administer(.patch, "/encoder", ["enabled": true]).status == .ok)
        let second = try Key(await administer(.post, "/encoder/keys", [:]))
        #expect(await administer(.post, "/encoder/keys", [:]).code == "too_many_access_keys")
        #expect(await administer(.delete, "/encoder/keys/\(first.id)").status == .noContent)
        let (old, new) = (await isGood(first), await isGood(second))
        #expect(!old && new)
        #expect(await administer(.delete, "/encoder").status == .noContent)
        #expect(await !isGood(second))
        #expect(await administer(.delete, "/encoder").code == "service_account_not_found")
        #expect(await administer(.delete, "/encoder/keys/\(first.id)").code == "service_account_not_found")
    }

    @Test func `the list tells keys and uses, and no secret`() async throws {
        let bench = try await Bench()
        let key = try await create(bench, "encoder", "creator")
        _ = await call(bench, .get, "/videos", with: key)
        let list = await bench.call(.get, Self.path, as: "token-admin").json
        let account = list["items"]?.array?.first
        #expect(account?["name"] == "encoder" && account?["enabled"] == true && account?["createdBy"] == "admin")
        #expect(account?["keys"]?.array?.first?["accessKeyId"] == .string(key.id))
        #expect(account?["keys"]?.array?.first?["lastUsedAt"] != nil)
        #expect(!String(decoding: list.serialized(), as: UTF8.self).contains(key.secret))
        for (input, field) in [
            (["role": "creator"], "name"), (["name": "a b", "role": "creator"], "name"), (["name": "a"], "role"),
            (["name": "a", "role": "boss"], "role"),
        ] as [(JSONValue, String)] {
            let refused = await bench.call(.post, Self.path, as: "token-admin", input)
            #expect(refused.code == "invalid_request" && refused.json["detail"]?.string?.hasPrefix(field) == true)
        }
    }

    @Test func `what a machine does is told of it by name`() async throws {
        let bench = try await Bench()
        let robot = try await create(bench, "robot", "admin")
        let id = await bench.upload(as: "token-anna")
        #expect(await call(bench, .delete, "/videos/\(id)", with: robot).status == .noContent)
        let last = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 99) }.last?.exported ?? ""
        #expect(last.contains("\"actor\":\"service:robot\"") && last.contains("\"video_trashed\""))
    }
}
