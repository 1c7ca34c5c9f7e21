import Catalog
import HTTPServer
import HTTPWire
import JSON
import Library
import Testing

@testable import API

@Suite struct QuotaTests {
    private func ask(_ bench: Bench, size: Int64, as account: String = "token-anna") async -> Response {
        await bench.call(
            .post, "/uploads", as: account,
            ["fileName": "f.mp4", "contentType": "video/mp4", "size": .integer(size)])
    }

    @Test func `what does not fit is refused with the figures and the way out`() async throws {
        let bench = try await Bench(quotas: Quotas(videos: 3, bytes: 1_000))
        #expect(await ask(bench, size: 600).status == .created)
        let large = await ask(bench, size: 401)
        #expect((large.status, large.code) == (409, "quota_exceeded"))
        #expect(large.json["quota"] == ["resource": "bytes", "used": 600, "asked": 401, "allowed": 1_000])
        #expect(large.json["detail"]?.string?.contains("permanent=true") == true)
        #expect(await ask(bench, size: 400).status == .created)
        #expect(
            await bench.call(.get, "/me/quota", as: "token-anna").json == [
                "videos": ["used": 2, "allowed": 3], "bytes": ["used": 1_000, "allowed": 1_000],
            ])
        #expect(await ask(bench, size: 900, as: "token-ben").status == .created, "everybody has their own")
    }

    @Test func `an import counts as an upload does`() async throws {
        let bench = try await Bench(quotas: Quotas(videos: 1))
        let body: JSONValue = ["url": "https://files.test/a.mp4"]
        #expect(await bench.call(.post, "/imports", as: "token-anna", body).status == .accepted)
        let refused = await bench.call(.post, "/imports", as: "token-anna", body)
        #expect((refused.status, refused.code) == (409, "quota_exceeded"))
    }

    @Test func `the trash counts until it is gone for good`() async throws {
        let bench = try await Bench(quotas: Quotas(videos: 1))
        let id = try #require(await ask(bench, size: 5).json["videoId"]?.string)
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        #expect(await ask(bench, size: 5).json["quota"]?["resource"] == "videos")
        _ = await bench.call(.delete, "/videos/\(id)?permanent=true", as: "token-anna")
        #expect(await ask(bench, size: 5).status == .created)
    }

    @Test func `requests at the same time do not get past a limit together`() async throws {
        let bench = try await Bench(quotas: Quotas(videos: 5))
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 { group.addTask { await ask(bench, size: 1).status == .created } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 5)
    }

    @Test func `an administrator allows one account more, less or any number`() async throws {
        let bench = try await Bench(quotas: Quotas(videos: 1))
        let path = "/admin/users/sub-anna/quota"
        #expect(await bench.call(.get, path, as: "token-admin").json["override"] == .null)
        let set = await bench.call(.put, path, as: "token-admin", ["videos": 2, "bytes": 10])
        #expect(set.json["override"] == ["videos": 2, "bytes": 10])
        #expect(await ask(bench, size: 11).json["quota"]?["resource"] == "bytes")
        for _ in 0..<2 { #expect(await ask(bench, size: 1).status == .created) }
        #expect(await ask(bench, size: 1).code == "quota_exceeded")
        _ = await bench.call(.put, path, as: "token-admin", ["videos": 0])
        #expect(await ask(bench, size: 1_000).status == .created)
        #expect(await bench.call(.get, "/me/quota", as: "token-anna").json["videos"]?["allowed"] == .null)
        #expect(await bench.call(.delete, path, as: "token-admin").json["videos"]?["allowed"] == 1)
        #expect(await ask(bench, size: 1).code == "quota_exceeded")
        #expect(await bench.call(.put, path, as: "token-admin", ["videos": -1]).code == "invalid_request")
        #expect(await bench.call(.put, path, as: "token-anna", ["videos": 9]).code == "role_required")
    }

    @Test func `a file that is larger than was declared fails its video and is removed`() async throws {
        let bench = try await Bench(quotas: Quotas(bytes: 1_000))
        let (small, large) = (await bench.upload(), await bench.upload())
        try await bench.arrive(small, size: 300)
        #expect(await bench.call(.get, "/me/quota", as: "token-anna").json["bytes"]?["used"] == 400)
        try await bench.catalog.write { transaction in
            try transaction.put(
                StoredObject(
                    bucket: "uploads", key: "\(large)/original", blob: "b", size: 701, etag: "e", contentType: "x",
                    createdAt: 1))
        }
        try await bench.arrive(large, size: 701)
        let video = await bench.call(.get, "/videos/\(large)", as: "token-anna").json
        #expect(video["status"] == "failed")
        #expect(video["failure"]?["reason"]?.string?.contains("701 bytes, of 1000 allowed 300") == true)
        #expect(try await bench.catalog.read { try $0.object(bucket: "uploads", key: "\(large)/original") } == nil)
        #expect(await bench.call(.get, "/videos/\(small)", as: "token-anna").json["status"] == "queued")
        #expect(try await bench.lease()["jobId"]?.string == "transcode-\(small)")
        await #expect(throws: Bench.NotAccepted.self) { try await bench.lease() }
    }
}
